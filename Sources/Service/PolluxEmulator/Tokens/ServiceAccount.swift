import CryptoExtras
import PolluxJSON

/// A service account whose signatures the emulator can verify.
public struct ServiceAccount: Sendable {
    /// Why a key file cannot be used.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    let email: String
    let key: _RSA.Signing.PublicKey

    /// Reads the JSON file that Google gives for a service account; only the public half of the key is kept.
    ///
    /// - Throws: ``Failure``, without anything of the key.
    public init(keyFile: [UInt8]) throws(Failure) {
        var tape = JSONTape()
        do {
            try tape.parse(keyFile.span)
        } catch {
            throw Failure(description: "is not JSON")
        }
        let json = tape.document(of: keyFile.span)
        guard json.text(of: json.value("type", of: .root)) == "service_account",
            let email = json.text(of: json.value("client_email", of: .root)),
            let pem = json.text(of: json.value("private_key", of: .root))
        else {
            throw Failure(description: "is not the key file of a service account")
        }
        self.email = email
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: pem).publicKey
        } catch {
            throw Failure(description: "holds no RSA key in PEM form")
        }
    }

    init(email: String, key: _RSA.Signing.PublicKey) {
        self.email = email
        self.key = key
    }
}
