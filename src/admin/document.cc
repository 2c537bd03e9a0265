// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/document.h"

#include <algorithm>
#include <set>

#include "http/escape.h"
#include "http/reply.h"
#include "nlohmann/json.hpp"

namespace floe::admin {
namespace {

// Where a hole is. No text has it: what is escaped has no control characters.
constexpr char kHoleMark = '\x01';

constexpr absl::string_view kPageHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
 body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
        color: #223; background: #f7f9fa; }
 nav a { margin-right: 1rem; } a { color: #06c; } h1 { font-weight: 600; font-size: 1.4rem; }
 section { background: #fff; border: 1px solid #dde5ea; border-radius: 8px; padding: .5rem 1.25rem;
           margin: 1rem 0; }
 h2 { font-size: 1.1rem; margin: .5rem 0; } td, th { padding: .1rem .8rem .1rem 0; text-align: left;
      vertical-align: top; overflow-wrap: anywhere; } th { color: #567; font-weight: 500; }
</style>
)";
constexpr absl::string_view kMenu =
    "<nav><a href=\"/status.xsl\">Status</a><a href=\"/admin/stats.xsl\">Statistics</a>"
    "<a href=\"/admin/listmounts.xsl\">Mounts</a><a href=\"/server_version.xsl\">Version</a>"
    "<a href=\"/\">Listen</a></nav>\n";

std::string JsonText(absl::string_view text) {
  const nlohmann::json json = std::string(text);
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool IsLeaf(const Node& node) { return node.children.empty() && node.attributes.empty(); }

std::string JsonMembers(const Node& node) {
  std::vector<std::string> members;
  for (const auto& [name, value] : node.attributes) {
    members.push_back(absl::StrCat(JsonText(name), ":", JsonText(value)));
  }
  std::set<std::string> seen;
  for (const Node& child : node.children) {
    if (!seen.insert(child.name).second) continue;
    std::vector<std::string> values;
    bool is_array = child.is_one_of_many;
    for (const Node& same : node.children) {
      if (same.name == child.name) values.push_back(ToJson(same));
    }
    is_array = is_array || values.size() > 1;
    std::string all;
    for (const std::string& value : values) absl::StrAppend(&all, all.empty() ? "" : ",", value);
    members.push_back(
        absl::StrCat(JsonText(child.name), ":", is_array ? "[" : "", all, is_array ? "]" : ""));
  }
  std::string all;
  for (const std::string& member : members) absl::StrAppend(&all, all.empty() ? "" : ",", member);
  return all;
}

std::string HeadingOf(const Node& node) {
  std::string heading = node.name;
  for (const auto& [name, value] : node.attributes) absl::StrAppend(&heading, " ", value);
  return http::EscapeXml(heading);
}

std::string ColumnsOf(const Node& row) {
  std::string columns = "<tr>";
  for (const Node& cell : row.children) {
    absl::StrAppend(&columns, "<th>", http::EscapeXml(cell.name), "</th>");
  }
  return columns + "</tr>\n";
}

// Of a row that has text and nothing below it, the text.
std::string HtmlRow(const Node& row) {
  std::string html = "<tr>";
  if (row.children.empty()) absl::StrAppend(&html, "<td>", http::EscapeXml(row.text), "</td>");
  for (const Node& cell : row.children) {
    absl::StrAppend(&html, "<td>", http::EscapeXml(cell.text), "</td>");
  }
  return html + "</tr>\n";
}

void AppendHtml(const Node& node, std::string* html) {
  const auto is_line = [](const Node& child) { return IsLeaf(child) && !child.is_row; };
  if (std::any_of(node.children.begin(), node.children.end(), is_line)) {
    absl::StrAppend(html, "<table>\n");
    for (const Node& child : node.children) {
      if (!is_line(child)) continue;
      absl::StrAppend(html, "<tr><th>", http::EscapeXml(child.name), "</th><td>",
                      http::EscapeXml(child.text), "</td></tr>\n");
    }
    absl::StrAppend(html, "</table>\n");
  }
  bool is_in_table = false;
  for (const Node& child : node.children) {
    if (!child.is_row) continue;
    if (!is_in_table) absl::StrAppend(html, "<table>\n", ColumnsOf(child));
    is_in_table = true;
    if (child.is_hole) {
      html->push_back(kHoleMark);
    } else {
      absl::StrAppend(html, HtmlRow(child));
    }
  }
  if (is_in_table) absl::StrAppend(html, "</table>\n");
  for (const Node& child : node.children) {
    if (child.is_row || is_line(child)) continue;
    absl::StrAppend(html, "<section><h2>", HeadingOf(child), "</h2>\n");
    AppendHtml(child, html);
    absl::StrAppend(html, "</section>\n");
  }
}

std::string Page(const Node& node, absl::string_view title) {
  std::string html(kPageHead);
  const std::string safe_title = http::EscapeXml(title);
  absl::StrAppend(&html, "<title>", safe_title, "</title></head><body>\n", kMenu, "<h1>",
                  safe_title, "</h1>\n");
  AppendHtml(node, &html);
  absl::StrAppend(&html, "<p><small>", http::ServerName(), "</small></p>\n</body></html>\n");
  return html;
}

}  // namespace

std::string ToXml(const Node& node) {
  if (node.is_hole) return std::string(1, kHoleMark);
  std::string xml = absl::StrCat("<", node.name);
  for (const auto& [name, value] : node.attributes) {
    absl::StrAppend(&xml, " ", name, "=\"", http::EscapeXml(value), "\"");
  }
  if (node.children.empty() && node.text.empty()) return xml + "/>";
  absl::StrAppend(&xml, ">", http::EscapeXml(node.text));
  for (const Node& child : node.children) absl::StrAppend(&xml, ToXml(child));
  absl::StrAppend(&xml, "</", node.name, ">");
  return xml;
}

std::string ToJson(const Node& node) {
  if (node.is_hole) return std::string(1, kHoleMark);
  if (!IsLeaf(node)) return absl::StrCat("{", JsonMembers(node), "}");
  return node.is_number ? node.text : JsonText(node.text);
}

std::string Write(Format format, const Node& node, absl::string_view title) {
  switch (format) {
    case Format::kXml: return absl::StrCat("<?xml version=\"1.0\"?>\n", ToXml(node), "\n");
    case Format::kJson:
      return absl::StrCat("{", JsonText(node.name), ":{", JsonMembers(node), "}}\n");
    case Format::kHtml: return Page(node, title);
  }
  return "";
}

Node Hole(absl::string_view name, const std::vector<std::string>& columns) {
  Node hole(name);
  hole.is_hole = hole.is_row = hole.is_one_of_many = true;
  for (const std::string& column : columns) hole.Put(column, "");
  return hole;
}

Halves Split(Format format, const Node& node, absl::string_view title) {
  return SplitAtHole(Write(format, node, title));
}

Halves SplitAtHole(const std::string& whole) {
  const size_t at = whole.find(kHoleMark);
  if (at == std::string::npos) return {.before = whole, .behind = ""};
  return {.before = whole.substr(0, at), .behind = whole.substr(at + 1)};
}

std::string WriteRow(Format format, const Node& row, bool is_first) {
  switch (format) {
    case Format::kXml: return ToXml(row);
    case Format::kJson: return absl::StrCat(is_first ? "" : ",", ToJson(row));
    case Format::kHtml: return HtmlRow(row);
  }
  return "";
}

}  // namespace floe::admin
