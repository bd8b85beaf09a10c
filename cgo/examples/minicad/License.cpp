#include "License.h"

#include <ctime>
#include <stdexcept>
#include <vector>

#include "../common/Json.h"
#include "Signature.h"

namespace {

// decode reads base64 in both its alphabets, with or without padding.
Bytes decode(const std::string &text) {
    Bytes out;
    unsigned long held = 0;
    int bits = 0;
    for (char c : text) {
        int value;
        if (c >= 'A' && c <= 'Z')
            value = c - 'A';
        else if (c >= 'a' && c <= 'z')
            value = c - 'a' + 26;
        else if (c >= '0' && c <= '9')
            value = c - '0' + 52;
        else if (c == '-' || c == '+')
            value = 62;
        else if (c == '_' || c == '/')
            value = 63;
        else if (c == '=')
            continue;
        else
            throw std::runtime_error("the licence is not base64");
        held = (held << 6 | static_cast<unsigned long>(value)) & 0xFFFFFF;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<unsigned char>(held >> bits));
        }
    }
    return out;
}

} // namespace

License check_license(const std::string &text, const std::string &key, const std::string &product) {
    const std::string prefix = "ISCLIC1.";
    const std::string line = text.substr(0, text.find_last_not_of(" \r\n") + 1);
    const std::size_t dot = line.rfind('.');
    if (line.compare(0, prefix.size(), prefix) != 0 || dot < prefix.size())
        throw std::runtime_error("this is not a licence of ours");
    if (!signed_by(decode(key), line.substr(0, dot), decode(line.substr(dot + 1))))
        throw std::runtime_error("the licence was not signed by us");
    const Bytes payload = decode(line.substr(prefix.size(), dot - prefix.size()));
    const std::string claims(payload.begin(), payload.end());
    License license;
    license.product = json::member(claims, "product");
    license.instance = json::member(claims, "instance");
    license.expires = std::atoll(json::member(claims, "expires").c_str());
    if (license.product != product)
        throw std::runtime_error("the licence is for " + license.product);
    if (license.expires != 0 && license.expires < std::time(nullptr))
        throw std::runtime_error("the licence has expired");
    return license;
}
