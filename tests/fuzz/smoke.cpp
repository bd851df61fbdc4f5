// Runs a fuzz target without libFuzzer: first its corpus unchanged, then a number of mutations, which are
// always the same. Ends with 1 at the first input that throws, kills the process or takes too long, and saves
// that input.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <regex>
#include <string>
#include <typeinfo>
#include <vector>

#include "dreamreel/core/random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

constexpr const char* kUsage =
    "usage: smoke [--dictionary FILE] [--mutations N] [--seconds S] [--seed K] [--input-seconds S] [--memory "
    "MIB]\n"
    "             [--failure FILE] CORPUS...\n"
    "CORPUS: files, or folders of files. --seconds ends the mutations early, whatever their number.\n";

struct Options {
  std::string dictionary, failure = "smoke-failure";
  std::uint64_t mutations = 0, seed = 1, seconds = 600, input_seconds = 10, memory_mib = 1024;
  std::vector<fs::path> corpus;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (!name.starts_with("--")) {
      options.corpus.emplace_back(name);
      continue;
    }
    if (++i == argc) return false;
    const std::string value = argv[i];
    if (name == "--dictionary")
      options.dictionary = value;
    else if (name == "--failure")
      options.failure = value;
    else if (name == "--mutations")
      options.mutations = std::stoull(value);
    else if (name == "--seconds")
      options.seconds = std::stoull(value);
    else if (name == "--seed")
      options.seed = std::stoull(value);
    else if (name == "--input-seconds")
      options.input_seconds = std::stoull(value);
    else if (name == "--memory")
      options.memory_mib = std::stoull(value);
    else
      return false;
  }
  return !options.corpus.empty();
}

Bytes read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Sorted by name, so that every run has the same order.
std::vector<Bytes> read_corpus(const std::vector<fs::path>& places) {
  std::vector<fs::path> files;
  for (const auto& place : places) {
    if (fs::is_directory(place))
      for (const auto& entry : fs::directory_iterator(place)) files.push_back(entry.path());
    else
      files.push_back(place);
  }
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const auto& file : files) corpus.push_back(read(file));
  return corpus;
}

// The token between the quotes of a line, with its escapes (\\, \" and \xAB) resolved. nullopt if libFuzzer
// would refuse the line.
std::optional<Bytes> token_of(const std::string& line) {
  static const std::regex form(R"re([^"]*"((?:\\[\\"]|\\x[0-9A-Fa-f]{2}|[^\\"])+)"\s*)re");
  std::smatch parts;
  if (!std::regex_match(line, parts, form)) return {};
  const std::string inside = parts[1];
  Bytes token;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && inside[i + 1] == 'x') {
      token.push_back(static_cast<std::uint8_t>(std::stoi(inside.substr(i + 2, 2), nullptr, 16)));
      i += 3;
    } else {
      if (inside[i] == '\\') ++i;
      token.push_back(static_cast<std::uint8_t>(inside[i]));
    }
  }
  return token;
}

// Reads libFuzzer's dictionary format: one "token" per line; # begins a comment. Prints a message and returns
// nothing at a line that libFuzzer would refuse.
std::vector<Bytes> read_dictionary(const std::string& path) {
  std::vector<Bytes> tokens;
  std::ifstream in(path);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with('#') || line.find_first_not_of(" \t") == std::string::npos) continue;
    const auto token = token_of(line);
    if (!token) {
      std::fprintf(stderr, "smoke: %s:%d: expected \"token\" with no escapes but \\\\, \\\" and \\xAB\n",
                   path.c_str(), number);
      return {};
    }
    tokens.push_back(*token);
  }
  return tokens;
}

// The draws of one mutation: a function of seed, the mutation's number and the draw's number.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t number) : seed_(seed), number_(number) {}
  /// In [0, below).
  std::size_t operator()(std::size_t below) {
    const auto words = dreamreel::philox4x32(
        {static_cast<std::uint32_t>(number_), static_cast<std::uint32_t>(number_ >> 32), draw_++, 0},
        {static_cast<std::uint32_t>(seed_), 0x66757a7a});
    return ((std::uint64_t{words[0]} << 32) | words[1]) % std::max<std::size_t>(below, 1);
  }

 private:
  std::uint64_t seed_, number_;
  std::uint32_t draw_ = 0;
};

constexpr std::size_t kLongest = 64 << 10;

void insert(Bytes& bytes, std::size_t at, const Bytes& what) {
  if (bytes.size() + what.size() <= kLongest)
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), what.begin(), what.end());
}

Bytes block_of(const Bytes& bytes, Dice& dice) {
  const auto begin = dice(bytes.size());
  const auto length = dice(std::min<std::size_t>(bytes.size() - begin, 256) + 1);
  return {bytes.begin() + static_cast<std::ptrdiff_t>(begin),
          bytes.begin() + static_cast<std::ptrdiff_t>(begin + length)};
}

void mutate_once(Bytes& bytes, const std::vector<Bytes>& corpus, const std::vector<Bytes>& tokens,
                 Dice& dice) {
  const auto at = dice(bytes.size() + 1);
  const auto place = std::min(at, bytes.size() - (bytes.empty() ? 0 : 1));
  switch (dice(8)) {
    case 0:  // flips one bit
      if (!bytes.empty()) bytes[place] ^= static_cast<std::uint8_t>(1U << dice(8));
      break;
    case 1:  // changes one byte
      if (!bytes.empty()) bytes[place] = static_cast<std::uint8_t>(dice(256));
      break;
    case 2:  // repeats one of its own blocks
      insert(bytes, at, block_of(bytes, dice));
      break;
    case 3:  // removes a block
      bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                  bytes.begin() + static_cast<std::ptrdiff_t>(
                                      at + dice(std::min<std::size_t>(bytes.size() - at, 64) + 1)));
      break;
    case 4: {  // takes the rest from another input
      const Bytes& other = corpus[dice(corpus.size())];
      bytes.resize(at);
      const auto from = dice(other.size() + 1);
      bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      break;
    }
    case 5:  // inserts a block of another input
      insert(bytes, at, block_of(corpus[dice(corpus.size())], dice));
      break;
    case 6:  // cuts off the end
      bytes.resize(at);
      break;
    default:  // inserts a token, or writes it over other bytes
      if (tokens.empty()) break;
      const Bytes& token = tokens[dice(tokens.size())];
      if (dice(2) == 0 && at + token.size() <= bytes.size())
        std::copy(token.begin(), token.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
      else
        insert(bytes, at, token);
  }
}

Bytes mutated(const std::vector<Bytes>& corpus, const std::vector<Bytes>& tokens, Dice dice) {
  Bytes bytes = corpus[dice(corpus.size())];
  const auto steps = 1 + dice(5);
  for (std::size_t i = 0; i < steps; ++i) mutate_once(bytes, corpus, tokens, dice);
  return bytes;
}

// Saved by the signal handler.
const Bytes* current = nullptr;
std::string failure_path;  // NOLINT: set once in main

void save_current() {
  const int file = ::open(failure_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0 || current == nullptr) return;
  [[maybe_unused]] const auto written = ::write(file, current->data(), current->size());
  ::close(file);
}

void say(const char* text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, std::strlen(text));
}

extern "C" void on_signal(int signal) {
  save_current();
  say(signal == SIGALRM ? "smoke: one input takes too long" : "smoke: the target died");
  say("; the input is in ");
  say(failure_path.c_str());
  say("\n");
  ::_exit(1);
}

void catch_signals() {
  static std::vector<char> stack(1 << 16);  // for an overflow of the normal stack
  stack_t alternative{};
  alternative.ss_sp = stack.data();
  alternative.ss_size = stack.size();
  ::sigaltstack(&alternative, nullptr);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK;
  for (const int signal : {SIGALRM, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    ::sigaction(signal, &action, nullptr);
}

// Limits the address space to `mib` MiB beyond its present size. AddressSanitizer's shadow memory needs far
// more, and has its own limit.
void limit_memory([[maybe_unused]] std::uint64_t mib) {
#if !defined(__SANITIZE_ADDRESS__)
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  const rlim_t bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + (mib << 20);
  const rlimit limit{bytes, bytes};
  if (pages == 0 || ::setrlimit(RLIMIT_AS, &limit) != 0) throw std::runtime_error("cannot limit the memory");
#endif
}

// False if the target threw.
bool run(const Bytes& bytes, std::uint64_t seconds) {
  current = &bytes;
  ::alarm(static_cast<unsigned>(seconds));
  std::string thrown;
  try {
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  } catch (const std::exception& error) {
    thrown = std::string(typeid(error).name()) + ": " + error.what();
  } catch (...) {
    thrown = "something that is no std::exception";
  }
  ::alarm(0);
  if (thrown.empty()) return true;
  save_current();
  std::fprintf(stderr, "smoke: the target threw %s; the input is in %s\n", thrown.c_str(),
               failure_path.c_str());
  return false;
}

int smoke(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto corpus = read_corpus(options.corpus);
  const auto tokens = read_dictionary(options.dictionary);
  if (corpus.empty() || (!options.dictionary.empty() && tokens.empty())) {
    std::fprintf(stderr, "smoke: the corpus or the dictionary is empty\n");
    return 1;
  }
  failure_path = options.failure;
  catch_signals();
  for (const auto& bytes : corpus)
    if (!run(bytes, options.input_seconds)) return 1;
  limit_memory(options.memory_mib);  // only now, when libraries and threads have taken their own memory
  std::uint64_t number = 0;
  for (; number < options.mutations; ++number) {
    if (std::chrono::steady_clock::now() - begin > std::chrono::seconds(options.seconds)) break;
    if (run(mutated(corpus, tokens, Dice(options.seed, number)), options.input_seconds)) continue;
    std::fprintf(stderr, "smoke: mutation %llu of seed %llu\n", static_cast<unsigned long long>(number),
                 static_cast<unsigned long long>(options.seed));
    return 1;
  }
  std::printf("%zu files and %llu of %llu mutations, no defect\n", corpus.size(),
              static_cast<unsigned long long>(number), static_cast<unsigned long long>(options.mutations));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  try {
    if (parse(argc, argv, options)) return smoke(options);
    std::fputs(kUsage, stderr);
    return 64;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "smoke: %s\n", error.what());
    return 1;
  }
}
