// Windows has SHA-512 but no Ed25519, so the arithmetic of RFC 8032 is here,
// after TweetNaCl (public domain). Checking a signature handles nothing secret:
// nothing here has to take the same time for every key. A product that brings
// OpenSSL or libsodium along uses that, as SignatureOpenssl.cpp does.
#include "Signature.h"

#include <windows.h>
#include <bcrypt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

namespace {

// Number is a number modulo 2^255 - 19 in 16 limbs of 16 bits, perhaps not
// carried yet.
using Number = std::array<std::int64_t, 16>;
// Point is a point of the curve: x = X/Z, y = Y/Z, T = XY/Z.
using Point = std::array<Number, 4>;
using Scalar = std::array<unsigned char, 32>;

const Number zero = {};
const Number one = {{1}};
const Number d = {{0x78a3, 0x1359, 0x4dca, 0x75eb, 0xd8ab, 0x4141, 0x0a4d, 0x0070, 0xe898, 0x7779, 0x4079,
                   0x8cc7, 0xfe73, 0x2b6f, 0x6cee, 0x5203}};
const Number root_of_minus_one = {{0xa0b0, 0x4a0e, 0x1b27, 0xc4ee, 0xe478, 0xad2f, 0x1806, 0x2f43, 0xd7a7,
                                   0x3dfb, 0x0099, 0x2b4d, 0xdf0b, 0x4fc1, 0x2480, 0x2b83}};
const Number base_x = {{0xd51a, 0x8f25, 0x2d60, 0xc956, 0xa7b2, 0x9525, 0xc760, 0x692c, 0xdc5c, 0xfdd6,
                        0xe231, 0xc0a4, 0x53fe, 0xcd6e, 0x36d3, 0x2169}};
const Number base_y = {{0x6658, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666,
                        0x6666, 0x6666, 0x6666, 0x6666, 0x6666, 0x6666}};
// The order of the base point.
const Scalar order = {{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                       0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                       0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10}};

void carry(Number &n) {
    for (std::size_t i = 0; i < 16; i++) {
        n[i] += std::int64_t(1) << 16;
        const std::int64_t c = n[i] >> 16;
        n[i < 15 ? i + 1 : 0] += i < 15 ? c - 1 : 38 * (c - 1);
        n[i] -= c * 65536;
    }
}

Number operator+(const Number &a, const Number &b) {
    Number out;
    for (std::size_t i = 0; i < 16; i++)
        out[i] = a[i] + b[i];
    return out;
}

Number operator-(const Number &a, const Number &b) {
    Number out;
    for (std::size_t i = 0; i < 16; i++)
        out[i] = a[i] - b[i];
    return out;
}

Number operator*(const Number &a, const Number &b) {
    std::int64_t product[31] = {};
    for (std::size_t i = 0; i < 16; i++)
        for (std::size_t j = 0; j < 16; j++)
            product[i + j] += a[i] * b[j];
    Number out;
    for (std::size_t i = 0; i < 16; i++)
        out[i] = product[i] + (i < 15 ? 38 * product[i + 16] : 0);
    carry(out);
    carry(out);
    return out;
}

// power raises n to the number of so many bits, all of them one but those that
// skip names.
template <class Skip> Number power(const Number &n, int bits, Skip skip) {
    Number out = n;
    for (int i = bits - 2; i >= 0; i--) {
        out = out * out;
        if (!skip(i))
            out = out * n;
    }
    return out;
}

// inverse is n^(p-2), p - 2 = 2^255 - 21.
Number inverse(const Number &n) {
    return power(n, 255, [](int bit) { return bit == 2 || bit == 4; });
}

// packed gives the number in its one form, below 2^255 - 19.
Scalar packed(const Number &n) {
    Number t = n;
    carry(t);
    carry(t);
    carry(t);
    for (int round = 0; round < 2; round++) {
        Number m;
        m[0] = t[0] - 0xffed;
        for (std::size_t i = 1; i < 16; i++) {
            m[i] = t[i] - (i < 15 ? 0xffff : 0x7fff) - ((m[i - 1] >> 16) & 1);
            m[i - 1] &= 0xffff;
        }
        const bool below = (m[15] >> 16) & 1;
        m[15] &= 0xffff;
        if (!below)
            t = m;
    }
    Scalar out;
    for (std::size_t i = 0; i < 32; i++)
        out[i] = static_cast<unsigned char>(t[i / 2] >> (i % 2 ? 8 : 0));
    return out;
}

Number unpacked(const unsigned char *bytes) {
    Number out;
    for (std::size_t i = 0; i < 16; i++)
        out[i] = bytes[2 * i] + (static_cast<std::int64_t>(bytes[2 * i + 1]) << 8);
    out[15] &= 0x7fff;
    return out;
}

Point operator+(const Point &p, const Point &q) {
    const Number a = (p[1] - p[0]) * (q[1] - q[0]), b = (p[0] + p[1]) * (q[0] + q[1]);
    const Number c = p[3] * q[3] * (d + d), e = p[2] * q[2];
    const Number x = b - a, f = (e + e) - c, g = (e + e) + c, y = b + a;
    return Point{{x * f, y * g, g * f, x * y}};
}

Point operator*(const Scalar &n, Point p) {
    Point out = {{zero, one, one, zero}};
    for (std::size_t i = 0; i < 256; i++) {
        if (n[i / 8] >> (i % 8) & 1)
            out = out + p;
        p = p + p;
    }
    return out;
}

Scalar packed(const Point &p) {
    const Number z = inverse(p[2]);
    Scalar out = packed(p[1] * z);
    out[31] = static_cast<unsigned char>(out[31] ^ (packed(p[0] * z)[0] & 1) << 7);
    return out;
}

// negative gives -P for the packed P; it throws where the key is no point.
Point negative(const Bytes &key) {
    const Number y = unpacked(key.data()), square = y * y;
    const Number numerator = square - one, denominator = one + square * d;
    const Number squared = denominator * denominator, sixth = squared * squared * squared;
    // (n d^7)^((p-5)/8) n d^3, (p-5)/8 = 2^252 - 3
    Number x = power(sixth * numerator * denominator, 252, [](int bit) { return bit == 1; }) * numerator *
               squared * denominator;
    if (packed(x * x * denominator) != packed(numerator))
        x = x * root_of_minus_one;
    if (packed(x * x * denominator) != packed(numerator))
        throw std::runtime_error("the vendor's key is not an Ed25519 key");
    if ((packed(x)[0] & 1) == key[31] >> 7)
        x = zero - x;
    return Point{{x, y, one, x * y}};
}

// reduced gives a number of 64 bytes modulo the order, bit by bit.
Scalar reduced(const std::array<unsigned char, 64> &number) {
    Scalar out = {};
    for (std::size_t bit = 512; bit-- > 0;) {
        unsigned in = number[bit / 8] >> (bit % 8) & 1;
        for (unsigned char &byte : out) {
            const unsigned twice = 2u * byte + in;
            byte = static_cast<unsigned char>(twice);
            in = twice >> 8;
        }
        if (std::lexicographical_compare(out.rbegin(), out.rend(), order.rbegin(), order.rend()))
            continue;
        int borrow = 0;
        for (std::size_t i = 0; i < 32; i++) {
            const int difference = out[i] - order[i] - borrow;
            borrow = difference < 0;
            out[i] = static_cast<unsigned char>(difference);
        }
    }
    return out;
}

std::array<unsigned char, 64> sha512(Bytes text) {
    std::array<unsigned char, 64> out;
    BCRYPT_ALG_HANDLE algorithm = nullptr;
    NTSTATUS status = BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA512_ALGORITHM, nullptr, 0);
    BCRYPT_HASH_HANDLE hash = nullptr;
    if (status >= 0)
        status = BCryptCreateHash(algorithm, &hash, nullptr, 0, nullptr, 0, 0);
    if (status >= 0)
        status = BCryptHashData(hash, text.data(), static_cast<ULONG>(text.size()), 0);
    if (status >= 0)
        status = BCryptFinishHash(hash, out.data(), static_cast<ULONG>(out.size()), 0);
    if (hash)
        BCryptDestroyHash(hash);
    if (algorithm)
        BCryptCloseAlgorithmProvider(algorithm, 0);
    if (status < 0)
        throw std::runtime_error("Windows cannot compute SHA-512");
    return out;
}

} // namespace

bool signed_by(const Bytes &key, const std::string &text, const Bytes &signature) {
    if (key.size() != 32)
        throw std::runtime_error("the vendor's key is not an Ed25519 key");
    if (signature.size() != 64)
        return false;
    Scalar r, s;
    std::copy(signature.begin(), signature.begin() + 32, r.begin());
    std::copy(signature.begin() + 32, signature.end(), s.begin());
    if (!std::lexicographical_compare(s.rbegin(), s.rend(), order.rbegin(), order.rend()))
        return false; // another form of a signature is none
    Bytes hashed(r.begin(), r.end());
    hashed.insert(hashed.end(), key.begin(), key.end());
    hashed.insert(hashed.end(), text.begin(), text.end());
    const Point base = {{base_x, base_y, one, base_x * base_y}};
    return packed(reduced(sha512(hashed)) * negative(key) + s * base) == r;
}
