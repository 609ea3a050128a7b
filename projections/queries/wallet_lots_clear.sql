-- Forget the lots of wallets that were joined with another: those they have now are all given anew.
DELETE FROM {wallet_lots} AS l
USING changed_wallets AS w
WHERE w.anew AND l.participant = w.participant
