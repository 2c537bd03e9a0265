// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/document.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace floe::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr absl::string_view kXmlBegin = "<?xml version=\"1.0\"?>\n";

Node Mounts() {
  Node root("icestats");
  root.Put("host", "radio & co");
  Node& source = root.AddOneOfMany("source");
  source.SetAttribute("mount", "/a\"b");
  source.Put("listeners", 2);
  source.Put("title", "1984");
  source.Put("fallback", "");
  return root;
}

TEST(Document, XmlHasTheElementsInTheirOrderAndEscapesWhatIsText) {
  EXPECT_EQ(Write(Format::kXml, Mounts(), ""),
            std::string(kXmlBegin) +
                "<icestats><host>radio &amp; co</host><source mount=\"/a&quot;b\">"
                "<listeners>2</listeners><title>1984</title><fallback/></source></icestats>\n");
}

TEST(Document, JsonHasNumbersOnlyWhereTheyAreNumbers) {
  EXPECT_EQ(nlohmann::json::parse(Write(Format::kJson, Mounts(), "")),
            nlohmann::json::parse(R"({"icestats": {"host": "radio & co", "source": [
                {"mount": "/a\"b", "listeners": 2, "title": "1984", "fallback": ""}]}})"));
}

TEST(Document, JsonHasAnArrayOfOneAsOfMany) {
  Node root("icestats");
  EXPECT_EQ(Write(Format::kJson, root, ""), "{\"icestats\":{}}\n");
  root.AddOneOfMany("source").Put("n", 1);
  EXPECT_EQ(Write(Format::kJson, root, ""), "{\"icestats\":{\"source\":[{\"n\":1}]}}\n");
  root.AddOneOfMany("source").Put("n", 2);
  EXPECT_EQ(Write(Format::kJson, root, ""), "{\"icestats\":{\"source\":[{\"n\":1},{\"n\":2}]}}\n");
}

TEST(Document, APageShowsTextAsText) {
  Node root("icestats");
  root.Put("title", "<script>alert(1)</script>");
  const std::string page = Write(Format::kHtml, root, "A & B");
  EXPECT_THAT(page, HasSubstr("<title>A &amp; B</title>"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
}

TEST(Document, BytesThatAreNoTextDoNotBreakIt) {
  Node root("icestats");
  root.Put("title",
           "a\xff\x01"
           "b");
  EXPECT_THAT(Write(Format::kXml, root, ""), Not(HasSubstr("\xff")));
  EXPECT_TRUE(nlohmann::json::accept(Write(Format::kJson, root, "")));
}

Node Row(int id) {
  Node row("listener");
  row.is_row = row.is_one_of_many = true;
  row.Put("id", id);
  return row;
}

// A list in pieces, as it goes over the wire.
std::string InPieces(Format format, int rows) {
  Node root("icestats");
  Node& source = root.AddOneOfMany("source");
  source.Put("listeners", rows);
  source.children.push_back(Hole("listener", {"id"}));
  const Halves halves = Split(format, root, "Listeners");
  std::string all = halves.before;
  for (int id = 1; id <= rows; ++id) all += WriteRow(format, Row(id), id == 1);
  return all + halves.behind;
}

TEST(Document, AListInPiecesIsTheSameAsAWhole) {
  for (const int rows : {0, 1, 2, 5}) {
    Node root("icestats");
    Node& source = root.AddOneOfMany("source");
    source.Put("listeners", rows);
    for (int id = 1; id <= rows; ++id) source.children.push_back(Row(id));
    EXPECT_EQ(InPieces(Format::kXml, rows), Write(Format::kXml, root, "Listeners"));
    if (rows == 0) continue;
    EXPECT_EQ(InPieces(Format::kJson, rows), Write(Format::kJson, root, "Listeners"));
    EXPECT_EQ(InPieces(Format::kHtml, rows), Write(Format::kHtml, root, "Listeners"));
  }
}

TEST(Document, AnEmptyListInPiecesIsAnEmptyArray) {
  EXPECT_EQ(InPieces(Format::kJson, 0),
            "{\"icestats\":{\"source\":[{\"listeners\":0,\"listener\":[]}]}}\n");
}

}  // namespace
}  // namespace floe::admin
