// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace floe::store {

// FileInFolder is the name of a file in a folder of its own, which ends with it.
class FileInFolder {
 public:
  FileInFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "floe-store-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~FileInFolder() { std::filesystem::remove_all(folder_); }
  FileInFolder(const FileInFolder&) = delete;
  FileInFolder& operator=(const FileInFolder&) = delete;

  std::string path() const { return folder_ + "/floe.db"; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

}  // namespace floe::store
