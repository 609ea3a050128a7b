// Renders /schema/openapi.json as a page to read. Text from the document is only ever set as text, never as HTML.
"use strict";

const METHODS = ["get", "post", "put", "delete"];
const SAY = {
  key: "需要密钥 Needs a key", open: "无需密钥 No key needed", parameters: "参数 Parameters", body: "请求正文 Request body",
  answers: "应答 Answers", schemas: "数据结构 Schemas", example: "示例 Example", required: "必填 required", none: "没有找到 Nothing found",
  failed: "无法读取接口描述 The description could not be read: ",
};

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

// `code` inside a sentence; everything else as it is.
function inline(text) {
  return text.split(/(`[^`]+`)/).map((part) =>
    part.length > 2 && part.startsWith("`") && part.endsWith("`") ? element("code", {}, part.slice(1, -1)) : part);
}

// Paragraphs and tables, as far as the descriptions use them.
function prose(text) {
  return (text || "").split(/\n\s*\n/).filter((block) => block.trim()).map((block) => {
    const lines = block.trim().split("\n");
    if (!lines.every((line) => line.startsWith("|"))) return element("p", {}, inline(lines.join(" ")));
    const cells = lines.map((line) => line.slice(1, line.lastIndexOf("|")).split("|").map((cell) => cell.trim()));
    const rows = cells.filter((_, row) => row !== 1);
    return element("table", {}, rows.map((row, number) =>
      element("tr", {}, row.map((cell) => element(number ? "td" : "th", {}, inline(cell))))));
  });
}

function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return element("a", { href: `#schema-${name}` }, name);
  }
  const options = schema.anyOf || schema.oneOf;
  if (options) return element("span", {}, options.flatMap((each, n) => (n ? [" | ", typeOf(each)] : [typeOf(each)])));
  if (schema.const !== undefined) return element("code", {}, JSON.stringify(schema.const));
  if (schema.enum) return element("span", {}, schema.enum.flatMap((v, n) => [n ? " | " : "", element("code", {}, JSON.stringify(v))]));
  if (schema.type === "array") return element("span", {}, "[", typeOf(schema.items || {}), "]");
  if (schema.type === "object" && schema.additionalProperties && schema.additionalProperties !== true)
    return element("span", {}, "{… : ", typeOf(schema.additionalProperties), "}");
  const limits = [
    schema.minimum !== undefined ? `≥ ${schema.minimum}` : "", schema.maximum !== undefined ? `≤ ${schema.maximum}` : "",
    schema.minLength !== undefined ? `${schema.minLength}–${schema.maxLength ?? ""} chars` : "", schema.pattern || "",
    schema.default !== undefined && schema.default !== null ? `= ${JSON.stringify(schema.default)}` : "",
  ].filter(Boolean).join(", ");
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type || "JSON";
  return element("span", {}, `${type}${schema.format ? ` (${schema.format})` : ""} `, element("small", {}, limits));
}

function rows(items) {
  return element("table", {}, items.map(([name, type, required, description]) =>
    element("tr", {},
      element("td", {}, element("code", {}, name), required ? element("small", {}, ` ${SAY.required}`) : null),
      element("td", {}, type), element("td", {}, inline(description || "")))));
}

function json(value) {
  return element("pre", { tabindex: "0" }, typeof value === "string" ? value : JSON.stringify(value, null, 2));
}

function examples(content) {
  const named = content.example !== undefined ? { [SAY.example]: { value: content.example } } : content.examples || {};
  return Object.entries(named).map(([name, each]) =>
    element("details", {}, element("summary", {}, each.summary || name), json(each.value)));
}

function contents(content) {
  return Object.entries(content || {}).flatMap(([media, each]) => [
    element("p", {}, element("code", {}, media), " ", typeOf(each.schema)), ...examples(each)]);
}

function operation(path, method, said, root) {
  const answers = Object.entries(said.responses).map(([status, response]) => {
    const named = response.$ref ? root.components.responses[response.$ref.split("/").pop()] : response;
    return element("details", {}, element("summary", {}, element("code", {}, status), " ", inline(named.description || "")),
      contents(named.content));
  });
  const parameters = (said.parameters || []).map((each) =>
    [`${each.name}${each.in === "query" ? "" : ` (${each.in})`}`, typeOf(each.schema), each.required, each.description]);
  return element("section", { class: "operation", id: said.operationId },
    element("h3", {}, said.summary),
    element("p", {}, element("span", { class: `method ${method}` }, method.toUpperCase()), " ", element("span", { class: "path" }, path),
      " ", element("small", {}, said.security && said.security.length ? SAY.key : SAY.open)),
    prose(said.description),
    parameters.length ? [element("h4", {}, SAY.parameters), rows(parameters)] : [],
    said.requestBody ? [element("h4", {}, SAY.body), contents(said.requestBody.content)] : [],
    element("h4", {}, SAY.answers), answers);
}

function schema(name, each) {
  const members = Object.entries(each.properties || {}).map(([key, member]) =>
    [key, typeOf(member), (each.required || []).includes(key), member.description]);
  return element("section", { class: "operation", id: `schema-${name}` },
    element("h3", {}, name), prose(each.description), members.length ? rows(members) : element("p", {}, typeOf(each)));
}

function render(root) {
  const main = document.getElementById("reference");
  const list = document.getElementById("contents");
  const all = Object.entries(root.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, said: item[method] })));
  main.replaceChildren(...prose(root.info.description));
  for (const tag of root.tags) {
    main.append(element("h2", {}, tag.name, " ", element("small", {}, tag.description)));
    list.append(element("li", { class: "tag" }, tag.name));
    for (const { path, method, said } of all.filter((each) => each.said.tags.includes(tag.name))) {
      main.append(operation(path, method, said, root));
      list.append(element("li", { "data-words": `${path} ${said.summary} ${method}`.toLowerCase() },
        element("a", { href: `#${said.operationId}` }, said.summary)));
    }
  }
  main.append(element("h2", {}, SAY.schemas));
  list.append(element("li", { class: "tag" }, SAY.schemas));
  for (const [name, each] of Object.entries(root.components.schemas).sort(([a], [b]) => a.localeCompare(b))) {
    main.append(schema(name, each));
    list.append(element("li", { "data-words": name.toLowerCase() }, element("a", { href: `#schema-${name}` }, name)));
  }
  document.getElementById("filter").addEventListener("input", (event) => {
    const words = event.target.value.trim().toLowerCase();
    for (const item of list.querySelectorAll("li[data-words]")) item.hidden = !item.dataset.words.includes(words);
  });
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

fetch("/schema/openapi.json")
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`${answer.status}`))))
  .then(render)
  .catch((fault) => { document.getElementById("loading").textContent = SAY.failed + fault.message; });
