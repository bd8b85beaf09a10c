// Reads single members out of the small JSON objects of the SDK. A program
// with a JSON library of its own uses that one.
#ifndef EXAMPLES_JSON_H
#define EXAMPLES_JSON_H

#include <cstdlib>
#include <string>

namespace json {

// append_utf8 adds a character to text.
inline void append_utf8(std::string &text, unsigned long c) {
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xC0 | c >> 6);
        text += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        text += static_cast<char>(0xE0 | c >> 12);
        text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        text += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        text += static_cast<char>(0xF0 | c >> 18);
        text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
        text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        text += static_cast<char>(0x80 | (c & 0x3F));
    }
}

inline unsigned long hex4(const std::string &text, std::size_t at) {
    return std::strtoul(text.substr(at, 4).c_str(), nullptr, 16);
}

// string_at reads the string whose opening quote is at text[at] and moves at
// behind its closing one.
inline std::string string_at(const std::string &text, std::size_t &at) {
    std::string out;
    for (at++; at < text.size() && text[at] != '"'; at++) {
        if (text[at] != '\\') {
            out += text[at];
            continue;
        }
        switch (char c = ++at < text.size() ? text[at] : '"') {
        case 'n':
            out += '\n';
            break;
        case 't':
            out += '\t';
            break;
        case 'r':
            out += '\r';
            break;
        case 'b':
            out += '\b';
            break;
        case 'f':
            out += '\f';
            break;
        case 'u': {
            unsigned long code = hex4(text, at + 1);
            at += 4;
            if (code >= 0xD800 && code < 0xDC00 && text.compare(at + 1, 2, "\\u") == 0) {
                code = 0x10000 + ((code - 0xD800) << 10) + (hex4(text, at + 3) - 0xDC00);
                at += 6;
            }
            append_utf8(out, code);
            break;
        }
        default:
            out += c;
        }
    }
    at++;
    return out;
}

// member gives the first member of that name, at any depth, as text: a string
// without its quotes, a number as it stands. It is "" where there is none.
inline std::string member(const std::string &object, const std::string &name) {
    for (std::size_t at = object.find('"'); at < object.size(); at = object.find('"', at)) {
        const std::string found = string_at(object, at);
        std::size_t value = object.find_first_not_of(" \t\r\n", at);
        if (value == std::string::npos || object[value] != ':')
            continue; // it was a value
        value = object.find_first_not_of(" \t\r\n", value + 1);
        if (value == std::string::npos)
            return "";
        if (found == name && object[value] == '"')
            return string_at(object, value);
        if (found == name)
            return object.substr(value, object.find_first_of(",}] \t\r\n", value) - value);
        at = object[value] == '"' ? (string_at(object, value), value) : value;
    }
    return "";
}

} // namespace json

#endif
