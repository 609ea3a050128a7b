"""Joining, wallets, quizzes, occasions, funds and scores in plain sentences. Part of ``rulebook_words``. Pure.

Never a question of a quiz nor its right answer.
"""

from collections.abc import Iterator

from ledger.rulebook import Rulebook
from ledger.rulebook_base import seconds
from ledger.rulebook_phrases import day_zh, duration, many, yuan
from ledger.rulebook_programmes import Activation, Application, Fund, Quiz, Wallet

Said = Iterator[tuple[str, str, str]]
"""Clause, Chinese, English."""

UNTIL_END_OF = {"day": ("当天", "day"), "month": ("当月", "month"), "year": ("当年", "year")}
OF_DOINGS = ("comment", "article", "correct_answer")


def about_joining(book: Rulebook) -> Said:
    """How somebody comes in: by applying, or by being on the roster."""
    if book.application:
        yield from _application(book.application)
    if book.activation:
        yield from _activation(book.activation)


def _application(rules: Application) -> Said:
    zh, en = (
        "、".join(_called(rules, "zh", rules.employment)),
        ", ".join(_called(rules, "en", rules.employment)),
    )
    yield (
        rules.clause,
        f"申请入会时须填写就业类型：{zh}。",
        f"Who applies names the type of employment: {en}.",
    )
    if rules.trade_for:
        zh_of, en_of = (
            "、".join(_called(rules, "zh", rules.trade_for)),
            ", ".join(_called(rules, "en", rules.trade_for)),
        )
        zh, en = "、".join(_called(rules, "zh", rules.trades)), ", ".join(_called(rules, "en", rules.trades))
        yield rules.clause, f"{zh_of}还须填写职业：{zh}。", f"Of the type {en_of}, the trade too: {en}."
    for each in rules.documents:
        yield (
            each.clause,
            f"申请人须同意《{each.name.zh}》（版本{each.version}）。",
            f"Applicants agree to “{each.name.en}” (version {each.version}).",
        )
    yield (
        rules.review_clause,
        "先入会、后审核：提交申请即成为会员，由工会随后审核；审核不通过的，会籍终止并告知本人。",
        "Join first, review later: who applies is a member at once; a refusal by the union ends that, and is told.",
    )
    yield (
        rules.transfer_clause,
        "转会须经审核，审核前会籍不变；姓名和身份证号不可更改，其他信息可以更正。",
        "A transfer is reviewed first; name and identity number are fixed, the rest can be corrected.",
    )
    yield (
        rules.restricted_clause,
        "因恶意行为或刷单被限制者，不能重新入会或转会。",
        "Who was restricted for abuse can neither join again nor transfer.",
    )
    yield (
        rules.place_clause,
        "查不到单位的，可选择所在地并填写单位名称，由工会确认或合并。",
        "For a unit that is not found, the place and its name are given; a union confirms or merges it.",
    )


def _called(rules: Application, language: str, said: tuple[str, ...]) -> Iterator[str]:
    for each in said:
        yield getattr(rules.names[each], language) if each in rules.names else each


def _activation(rules: Activation) -> Said:
    told = rules.who_to_ask
    yield (
        rules.roster_clause,
        f"仅限名册中的会员激活；其他人将被告知：{told.zh}",
        f"Only members who are on the roster can activate; others are told: {told.en}",
    )
    yield (
        rules.clause,
        "以身份证号的密钥散列核对名册，身份证号本身不进入台账。",
        "The roster is matched by a keyed hash of the identity number, which itself never enters the ledger.",
    )
    for each in rules.entitlements:
        yield (
            each.clause,
            f"激活者获得“{each.name.zh}”，为期{each.months}个月，每人仅一次。",
            f"Who activates gets “{each.name.en}” for {many(each.months, 'month')}, once ever.",
        )


def about_programme(book: Rulebook) -> Said:
    """Wallet, quizzes, occasions, funds, help and scores."""
    if book.wallet:
        yield from _wallet(book.wallet)
    for quiz in book.quizzes:
        yield quiz.clause, *_quiz(quiz)
    if any(rule.on in OF_DOINGS and rule.daily_max for rule in book.points) and seconds(book.late):
        clause = next(rule.clause for rule in book.points if rule.on in OF_DOINGS and rule.daily_max)
        zh, en = duration(book.late)
        zh = f"有每日上限的行为最迟可在发生后{zh}内送达。"
        yield clause, zh, f"A doing with a daily cap can be delivered within {en} after it happened."
    for occasion in book.occasions:
        zh_days, en_days = day_zh(occasion.starts), f"on {occasion.starts}"
        if occasion.ends != occasion.starts:
            zh_days, en_days = (
                f"{zh_days}至{day_zh(occasion.ends)}",
                f"from {occasion.starts} to {occasion.ends}",
            )
        zh = f"现场活动“{occasion.name.zh}”：{zh_days}，由组织者登记出席。"
        en = f"“{occasion.name.en}” is {en_days}; organisers record who attended."
        yield occasion.clause, zh, en
    for fund in book.funds:
        yield from _fund(fund)
    for donation in book.donations:
        fund_name = next(fund.name for fund in book.funds if fund.id == donation.fund)
        zh_fund, en_fund = fund_name.zh, fund_name.en
        every, amount = donation.every, yuan(donation.amount)
        zh = f"参与者每累计{every:,}步，{donation.sponsor.zh}向“{zh_fund}”捐赠{amount}元。"
        en = f"For every {every:,} counted steps of a participant {donation.sponsor.en} gives {amount} yuan"
        yield donation.clause, zh, f"{en} to the “{en_fund}”."
    if book.hardship:
        zh, en = (
            "困难会员可申请帮扶，审批通过后从资金中支付",
            "Members in hardship can apply for help, paid from the fund",
        )
        if book.hardship.most:
            most = yuan(book.hardship.most)
            zh, en = f"{zh}，每次最多{most}元", f"{en}, at most {most} yuan at a time"
        yield book.hardship.clause, f"{zh}。", f"{en}."
    if book.score:
        yield book.score.clause, *_score(book)


def _wallet(wallet: Wallet) -> Said:
    yield (
        wallet.clause,
        "积分归会员个人账户所有，活动结束后继续有效。",
        "Points belong to the member's own account and outlive the programme.",
    )
    if wallet.begins == "next_day":
        yield (
            wallet.clause,
            "获得的积分次日起可用。",
            "Points can be spent from the day after they were earned.",
        )
    if wallet.lasts:
        (zh, en), (zh_end, en_end) = duration(wallet.lasts), UNTIL_END_OF[wallet.until_end_of]
        zh_first, en_first = {
            "expiring_first": ("先到期的先使用", "what expires first is spent first"),
            "earned_first": ("先获得的先使用", "what was earned first is spent first"),
        }[wallet.spend]
        yield (
            wallet.expiry_clause or wallet.clause,
            f"积分有效期{zh}，至{zh_end}最后一天止；{zh_first}。",
            f"Points last for {en}, and then to the end of that {en_end}; {en_first}.",
        )


def _quiz(quiz: Quiz) -> tuple[str, str]:
    count = len(quiz.questions)
    if quiz.daily:
        zh, en = (
            f"“{quiz.name.zh}”：每天一题，共{count}题轮换",
            f"“{quiz.name.en}” has one question a day, {count} in turn",
        )
    else:
        zh, en = f"“{quiz.name.zh}”：共{count}题", f"“{quiz.name.en}” has {many(count, 'question')}"
    if quiz.tries:
        return (
            f"{zh}，每题可答{quiz.tries}次。",
            f"{en}, with {quiz.tries} {'try' if quiz.tries == 1 else 'tries'} each.",
        )
    return f"{zh}，答题次数不限，每题答对计一次。", f"{en}, with any number of tries; each counts once."


def _fund(fund: Fund) -> Said:
    zh, en = ("，各工会分别设立", ", one for each union") if fund.groups else ("", "")
    yield (
        fund.clause,
        f"设立“{fund.name.zh}”{zh}；支出不超过收入。",
        f"There is a “{fund.name.en}”{en}; it never pays out more than came in.",
    )
    if fund.projects:
        yield (
            fund.project_clause or fund.clause,
            f"每个工会最多推荐{fund.projects}个项目，经评审、公示后拨付。",
            f"A union puts forward at most {many(fund.projects, 'project')}, which are reviewed, published and paid.",
        )


def _score(book: Rulebook) -> tuple[str, str]:
    assert book.score is not None
    score = book.score
    zh, en = (
        ("，达标率再除以已进行的天数", ", attainment divided by the days so far")
        if score.by_day
        else ("", "")
    )
    return (
        f"单位得分＝参与率×{score.participation}%＋达标率×{score.attainment}%{zh}。",
        f"A unit's score is {score.participation} % participation rate and {score.attainment} % attainment rate{en}.",
    )
