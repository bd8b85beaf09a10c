#include "StepFile.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "../common/Platform.h"

namespace {

// end_of gives the position of the semicolon that ends the statement at begin;
// those in strings and comments do not count.
std::size_t end_of(const std::string &text, std::size_t begin) {
    for (std::size_t at = begin; at < text.size(); at++) {
        if (text[at] == '\'') {
            at = text.find('\'', at + 1);
        } else if (text.compare(at, 2, "/*") == 0) {
            at = text.find("*/", at + 2);
        } else if (text[at] == ';') {
            return at;
        }
        if (at == std::string::npos)
            break;
    }
    throw std::runtime_error("a statement has no end");
}

std::string trimmed(const std::string &text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos)
        return "";
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

Entity parse(const std::string &statement) {
    const std::size_t equals = statement.find('=');
    if (statement.empty() || statement[0] != '#' || equals == std::string::npos)
        throw std::runtime_error("not an entity: " + statement.substr(0, 60));
    const std::string right = trimmed(statement.substr(equals + 1));
    const std::size_t open = right.find('(');
    if (open == std::string::npos || right[right.size() - 1] != ')')
        throw std::runtime_error("an entity without arguments: " + statement.substr(0, 60));
    return Entity{std::atol(statement.c_str() + 1), trimmed(right.substr(0, open)), right.substr(open)};
}

// scaled multiplies each number of a list of coordinates.
std::string scaled(const std::string &list, double factor) {
    std::string out;
    const char *at = list.c_str();
    while (*at) {
        char *after = nullptr;
        const bool number =
            std::isdigit(static_cast<unsigned char>(*at)) || *at == '-' || *at == '+' || *at == '.';
        const double value = number ? std::strtod(at, &after) : 0;
        if (!number || after == at) {
            out += *at++;
            continue;
        }
        char digits[40];
        std::snprintf(digits, sizeof digits, "%.15G", value * factor);
        std::string text = digits;
        if (text.find('.') == std::string::npos) // a REAL of STEP has a point
            text.insert(std::min(text.find('E'), text.size()), ".");
        out += text;
        at = after;
    }
    return out;
}

} // namespace

StepFile StepFile::read(const std::string &path) {
    const std::string text = platform::read(path);
    if (text.compare(0, 13, "ISO-10303-21;") != 0)
        throw std::runtime_error(path + " is not a STEP file");
    StepFile file;
    std::size_t at = 0;
    bool data = false;
    for (;;) {
        const std::size_t end = end_of(text, at);
        const std::string statement = trimmed(text.substr(at, end - at));
        if (data && statement == "ENDSEC")
            break;
        if (data)
            file.entities_.push_back(parse(statement));
        at = end + 1;
        if (statement == "DATA") {
            data = true;
            file.head_ = text.substr(0, at);
        }
    }
    file.tail_ = trimmed(text.substr(at));
    return file;
}

void StepFile::write(const std::string &path) const {
    std::string text = head_ + '\n';
    for (const Entity &e : entities_)
        text += '#' + std::to_string(e.number) + '=' + e.type + e.arguments + ";\n";
    platform::write(path, text + tail_ + '\n');
}

std::size_t StepFile::count(const std::string &type) const {
    std::size_t n = 0;
    for (const Entity &e : entities_)
        n += e.type == type;
    return n;
}

std::size_t StepFile::scale(double factor) {
    std::size_t n = 0;
    for (Entity &e : entities_) {
        const std::size_t list = e.type == "CARTESIAN_POINT" ? e.arguments.find('(', 1) : std::string::npos;
        if (list == std::string::npos)
            continue;
        e.arguments = e.arguments.substr(0, list) + scaled(e.arguments.substr(list), factor);
        n++;
    }
    return n;
}

std::size_t StepFile::rename(const std::string &name) {
    std::size_t n = 0;
    for (Entity &e : entities_) {
        if (e.type != "PRODUCT" || e.arguments.compare(0, 2, "('") != 0)
            continue;
        const std::size_t end = e.arguments.find('\'', 2);
        e.arguments = "('" + name + e.arguments.substr(end);
        n++;
    }
    return n;
}
