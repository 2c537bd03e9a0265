// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "gtest/gtest.h"
#include "http/status.h"

namespace floe::http {
namespace {

int RefusedWith(absl::string_view path) { return HttpStatusOf(DecodePath(path).status()); }

TEST(DecodePath, DecodesOnce) {
  EXPECT_EQ(*DecodePath("/live"), "/live");
  EXPECT_EQ(*DecodePath("/a%2Fb%2fc"), "/a/b/c");
  EXPECT_EQ(*DecodePath("/jazz%20%26%20soul+"), "/jazz & soul+") << "'+' is a plus in a path";
  EXPECT_EQ(*DecodePath("/%252e%252e/x"), "/%2e%2e/x");
  EXPECT_EQ(*DecodePath("/caf%C3%A9"), "/caf\xc3\xa9");
  EXPECT_EQ(*DecodePath("/..."), "/...") << "only whole segments of dots are special";
  EXPECT_EQ(*DecodePath("/a..b/.hidden"), "/a..b/.hidden");
}

TEST(DecodePath, RefusesWhatIsNoNameOfAMount) {
  for (const absl::string_view path :
       {"",      "live",          "../live", "/..",  "/a/..", "/../a", "/./a",
        "/a/.",  "/a%2F..%2Fb",   "/%2e%2E", "/%2e", "/%00",  "/a%00", "/a%0d%0aSet-Cookie:x",
        "/a%7f", "/%1b",          "/%",      "/a%2", "/%zz",  "/%+1",  "/caf%E9",
        "/\xff", "/%c0%ae%c0%ae/"}) {
    EXPECT_EQ(RefusedWith(path), 400) << path;
  }
  EXPECT_EQ(RefusedWith(absl::string_view("/a\0b", 4)), 400);
}

TEST(DecodePath, TheBoundCountsDecodedBytes) {
  std::string longest = "/";
  for (uint32_t i = 1; i < kMountNameBytesMax; ++i) longest += "%61";
  EXPECT_EQ(RefusedWith(longest), 200);
  EXPECT_EQ(RefusedWith(longest + "b"), 414);
}

TEST(Query, KeepsOrderDuplicatesAndEmptyValues) {
  const Query query = Query::Parse("mode=updinfo&song=A%20-+B&flag&empty=&song=second&=nameless&&");
  EXPECT_EQ(*query.Get("mode"), "updinfo");
  EXPECT_EQ(*query.Get("song"), "A - B");
  EXPECT_EQ(*query.Get("flag"), "");
  EXPECT_EQ(*query.Get("empty"), "");
  EXPECT_EQ(query.Get("Mode"), nullptr);
  EXPECT_EQ(query.GetOr("absent", "default"), "default");
  EXPECT_EQ(query.GetOr("mode"), "updinfo");
  ASSERT_EQ(query.fields().size(), 6u);
  EXPECT_EQ(query.fields()[4].value, "second");
}

TEST(Query, EscapesThatAreNoneStayAsTheyAre) {
  EXPECT_EQ(*Query::Parse("song=100% pure").Get("song"), "100% pure");
  EXPECT_EQ(*Query::Parse("song=%zz%4").Get("song"), "%zz%4");
  EXPECT_EQ(*Query::Parse("song=%e9").Get("song"), "\xe9") << "titles have charsets of their own";
  EXPECT_EQ(*Query::Parse("song=a%3Db=c").Get("song"), "a=b=c");
  EXPECT_EQ(*Query::Parse("%73ong=x").Get("song"), "x");
}

TEST(Query, FieldsAreBounded) {
  std::string raw;
  for (size_t i = 0; i < 10 * kQueryFieldsMax; ++i) absl::StrAppend(&raw, "&k", i, "=v");
  EXPECT_EQ(Query::Parse(raw).fields().size(), kQueryFieldsMax);
}

TEST(Query, AFormIsReadTheSameWay) {
  EXPECT_EQ(*DecodeForm("action=kick&id=5").Get("id"), "5");
  EXPECT_TRUE(DecodeForm("").fields().empty());
}

}  // namespace
}  // namespace floe::http
