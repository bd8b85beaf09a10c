#include "Signature.h"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

bool signed_by(const Bytes &key, const std::string &text, const Bytes &signature) {
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY *)> public_key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), EVP_PKEY_free);
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX *)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!public_key || !context)
        throw std::runtime_error("the vendor's key is not an Ed25519 key");
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                            reinterpret_cast<const unsigned char *>(text.data()), text.size()) == 1;
}
