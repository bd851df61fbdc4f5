// A table describes the keys of one struct: names, types, defaults (read from a default struct) and
// documentation. Reading, writing, merging, suggestions for misspelt keys and the reference page all use it.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "dreamreel/settings/key_info.h"
#include "dreamreel/settings/named_curves.h"
#include "dreamreel/settings/named_file.h"
#include "dreamreel/settings/types.h"

namespace dreamreel::settings {

template <typename T>
struct Row {
  KeyInfo info;                ///< path is the key's own name
  std::vector<KeyInfo> inner;  ///< keys inside a section, relative to this key
  std::function<void(const Site&, T&)> read;
  std::function<Value(const T&)> write;  ///< null value: not set
  /// Lists the curves of this row; empty if it has none.
  std::function<void(const T&, const std::string& path, std::vector<NamedCurve>&)> curves{};
  /// Lists the paths of this row; empty if it has none.
  std::function<void(T&, const std::string& path, std::vector<NamedFile>&)> files{};
};

template <typename T>
using Table = std::vector<Row<T>>;

/// Writes the rows as a map, in the order of the table.
template <typename T>
Value write_table(const Table<T>& table, const T& target) {
  Value map;
  map.kind = Value::Kind::map;
  for (const auto& row : table)
    if (Value value = row.write(target); !value.is_null())
      map.entries.push_back({row.info.path, {}, std::move(value)});
  return map;
}

/// Reads the map at `site` into `target`. Absent and null keys leave `target` unchanged. A null site counts
/// as an empty map, so that its required keys are reported as missing.
template <typename T>
void read_table(const Site& site, const Table<T>& table, T& target) {
  std::vector<std::string> names;
  for (const auto& row : table) names.push_back(row.info.path);
  if (!site.value.is_map() && !site.value.is_null()) {
    site.expected("a map with the keys " + join_names(names));
    return;
  }
  for (const auto& entry : site.value.entries)
    if (std::ranges::find(names, entry.key) == names.end())
      site.context.problems.add_briefly_when_many(
          entry.place, join_path(site.path, entry.key), "unknown key",
          [&] { return unknown_key_hint(entry.key, names, site.context.keys); });
  for (const auto& row : table) {
    const Value* const value = site.value.find(row.info.path);
    const bool given = value != nullptr && !value->is_null();
    Value nothing;
    nothing.place = site.value.place;
    const Site there = site.at(row.info.path, given ? *value : nothing);
    if (given || row.info.kind == KeyInfo::Kind::section)
      row.read(there, target);
    else if (row.info.required)
      there.problem("missing; expected " + row.info.type);
  }
}

/// The curves of every row, in the order of the table.
template <typename T>
void list_curves_of(const Table<T>& table, const T& target, const std::string& path,
                    std::vector<NamedCurve>& found) {
  for (const auto& row : table)
    if (row.curves) row.curves(target, join_path(path, row.info.path), found);
}

/// The paths of every row, in the order of the table.
template <typename T>
void list_files_of(const Table<T>& table, T& target, const std::string& path, std::vector<NamedFile>& found) {
  for (const auto& row : table)
    if (row.files) row.files(target, join_path(path, row.info.path), found);
}

inline NamedCurve named_curve(std::string path, const Curve& curve, Range range) {
  range.whole = false;  // the user of a varying value rounds it
  return {std::move(path), &curve, range.name(), [range](double value) { return range.holds(value); }};
}

inline KeyInfo under(const std::string& prefix, KeyInfo info) {
  info.path = prefix + "." + info.path;
  return info;
}

/// All keys of a table; a section comes before its keys.
template <typename T>
std::vector<KeyInfo> flatten(const Table<T>& table) {
  std::vector<KeyInfo> keys;
  for (const auto& row : table) {
    keys.push_back(row.info);
    for (const auto& info : row.inner) keys.push_back(under(row.info.path, info));
  }
  return keys;
}

/// A row for one value. std::invoke(access, target) must give a reference to it.
template <typename T, typename Access, typename Type>
Row<T> field(std::string name, Access access, Type type, std::string unit, std::string doc) {
  Row<T> row;
  row.read = [access, type](const Site& site, T& target) {
    if (auto value = type.read(site)) std::invoke(access, target) = std::move(*value);
  };
  row.write = [access, type](const T& target) -> Value {
    const auto& value = std::invoke(access, target);
    if constexpr (requires { value.has_value(); })
      return value ? type.write(*value) : Value{};
    else
      return type.write(value);
  };
  if constexpr (std::is_same_v<Type, CurveType>)
    row.curves = [access, type](const T& target, const std::string& path, std::vector<NamedCurve>& found) {
      const auto& value = std::invoke(access, target);
      if constexpr (requires { value.has_value(); }) {
        if (value) found.push_back(named_curve(path, *value, type.range));
      } else {
        found.push_back(named_curve(path, value, type.range));
      }
    };
  if constexpr (std::is_same_v<Type, PathType>)
    row.files = [access](T& target, const std::string& path, std::vector<NamedFile>& found) {
      auto& value = std::invoke(access, target);
      if constexpr (requires { value.has_value(); }) {
        if (value) found.push_back({path, &*value});
      } else if (!value.empty()) {
        found.push_back({path, &value});
      }
    };
  row.info = {std::move(name), type.name(), emit_inline(row.write(T{})), std::move(unit), std::move(doc)};
  row.info.shape = type.shape();
  return row;
}

/// A row for a nested map that always exists.
template <typename T, typename S, typename Access>
Row<T> section(std::string name, Access access, const Table<S>& table, std::string doc) {
  Row<T> row;
  row.info = {std::move(name), "a map", "", "", std::move(doc), KeyInfo::Kind::section, true};
  row.info.shape = {KeyShape::Kind::map};
  row.inner = flatten(table);
  row.read = [access, table](const Site& site, T& target) {
    read_table(site, table, std::invoke(access, target));
  };
  row.write = [access, table](const T& target) {
    Value map = write_table(table, std::invoke(access, target));
    return map.entries.empty() ? Value{} : map;
  };
  row.curves = [access, table](const T& target, const std::string& path, std::vector<NamedCurve>& found) {
    list_curves_of(table, std::invoke(access, target), path, found);
  };
  row.files = [access, table](T& target, const std::string& path, std::vector<NamedFile>& found) {
    list_files_of(table, std::invoke(access, target), path, found);
  };
  return row;
}

/// A row for a map whose presence has a meaning: a std::optional<S>.
template <typename T, typename S, typename Access>
Row<T> optional_section(std::string name, Access access, const Table<S>& table, std::string doc) {
  Row<T> row;
  row.info = {std::move(name), "a map", "", "", std::move(doc), KeyInfo::Kind::value, true};
  row.info.shape = {KeyShape::Kind::map};
  row.inner = flatten(table);
  row.read = [access, table](const Site& site, T& target) {
    read_table(site, table, std::invoke(access, target).emplace());
  };
  row.write = [access, table](const T& target) {
    const auto& value = std::invoke(access, target);
    Value map = value ? write_table(table, *value) : Value{};
    map.flow = true;
    return map;
  };
  row.curves = [access, table](const T& target, const std::string& path, std::vector<NamedCurve>& found) {
    if (const auto& value = std::invoke(access, target)) list_curves_of(table, *value, path, found);
  };
  row.files = [access, table](T& target, const std::string& path, std::vector<NamedFile>& found) {
    if (auto& value = std::invoke(access, target)) list_files_of(table, *value, path, found);
  };
  return row;
}

/// A row for a list of at least one map: a std::vector<S>. `check` is called for each item after it is read.
template <typename T, typename S, typename Access>
Row<T> list(std::string name, Access access, const Table<S>& table, std::string doc,
            std::type_identity_t<std::function<void(const Site&, const S&)>> check = {}) {
  Row<T> row;
  row.info = {std::move(name), "a list of at least one map", "",    "",
              std::move(doc),  KeyInfo::Kind::value,         false, true};
  row.info.shape = {KeyShape::Kind::list};
  for (const auto& info : flatten(table)) row.inner.push_back(under("N", info));
  row.read = [access, table, check, type = row.info.type](const Site& site, T& target) {
    auto& items = std::invoke(access, target);
    items.clear();
    if (!is_short_list(site, type)) return;
    for (std::size_t i = 0; i < site.value.items.size(); ++i) {
      const Site item = site.at(std::to_string(i), site.value.items[i]);
      read_table(item, table, items.emplace_back());
      if (check) check(item, items.back());
    }
  };
  row.write = [access, table](const T& target) {
    Value items;
    for (const auto& item : std::invoke(access, target)) {
      items.kind = Value::Kind::list;
      items.items.push_back(write_table(table, item));
      items.items.back().flow = true;
    }
    return items;
  };
  row.curves = [access, table](const T& target, const std::string& path, std::vector<NamedCurve>& found) {
    const auto& items = std::invoke(access, target);
    for (std::size_t i = 0; i < items.size(); ++i)
      list_curves_of(table, items[i], join_path(path, std::to_string(i)), found);
  };
  row.files = [access, table](T& target, const std::string& path, std::vector<NamedFile>& found) {
    auto& items = std::invoke(access, target);
    for (std::size_t i = 0; i < items.size(); ++i)
      list_files_of(table, items[i], join_path(path, std::to_string(i)), found);
  };
  return row;
}

template <typename T>
Row<T> required(Row<T> row) {
  row.info.required = true;
  row.info.default_text.clear();
  return row;
}

}  // namespace dreamreel::settings
