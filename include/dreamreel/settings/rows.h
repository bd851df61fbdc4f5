// Rows of a table that read or write more than one field.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dreamreel/settings/table.h"

namespace dreamreel::settings {

/// A row with its own info, read and write functions.
template <typename T, typename Read, typename Write>
Row<T> custom(KeyInfo info, Read read, Write write) {
  info.default_text = emit_inline(write(T{}));
  return {std::move(info), {}, std::move(read), std::move(write)};
}

/// The row of one member as a row of the struct around it. std::invoke(access, target) must give a reference
/// to the member.
template <typename T, typename S, typename Access>
Row<T> of_member(Access access, const Row<S>& member) {
  Row<T> row{member.info, member.inner, {}, {}};
  row.read = [access, read = member.read](const Site& site, T& target) {
    read(site, std::invoke(access, target));
  };
  row.write = [access, write = member.write](const T& target) { return write(std::invoke(access, target)); };
  if (member.curves)
    row.curves = [access, list = member.curves](const T& target, const std::string& path,
                                                std::vector<NamedCurve>& found) {
      list(std::invoke(access, target), path, found);
    };
  if (member.files)
    row.files = [access, list = member.files](T& target, const std::string& path,
                                              std::vector<NamedFile>& found) {
      list(std::invoke(access, target), path, found);
    };
  return row;
}

inline Value flow_list(std::vector<Value> items) {
  Value list;
  list.kind = Value::Kind::list;
  list.flow = true;
  list.items = std::move(items);
  return list;
}

/// [horizontal, vertical]
template <typename T>
Row<T> curve_pair(std::string name, Curve T::*x, Curve T::*y, Range range, std::string unit,
                  std::string doc) {
  const CurveType type{range};
  const std::string what = "[horizontal, vertical], each " + type.name();
  Row<T> row = custom<T>(
      {std::move(name), what, "", std::move(unit), std::move(doc)},
      [=](const Site& site, T& target) {
        if (!site.value.is_list() || site.value.items.size() != 2) return site.expected(what);
        target.*x = type.read(site.at("0", site.value.items[0])).value_or(0);
        target.*y = type.read(site.at("1", site.value.items[1])).value_or(0);
      },
      [=](const T& target) {
        return flow_list({type.write(target.*x), type.write(target.*y)});
      });
  row.curves = [=](const T& target, const std::string& path, std::vector<NamedCurve>& found) {
    found.push_back(named_curve(join_path(path, "0"), target.*x, range));
    found.push_back(named_curve(join_path(path, "1"), target.*y, range));
  };
  return row;
}

}  // namespace dreamreel::settings
