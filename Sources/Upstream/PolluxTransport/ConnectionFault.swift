import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a connection did not come about, in words for operators and clients: no addresses, no bytes.
enum ConnectionFault {
    /// - Parameter certificate: what the server showed, where the handshake came so far.
    static func reason(_ error: any Error, certificate: NIOSSLCertificate? = nil) -> String {
        switch error {
        case let error as NIOConnectionError: reason(of: error)
        case is ChannelError: "the connection timed out"
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            "TLS failed: the server's certificate is for another name"
        case NIOSSLError.handshakeFailed(let error): "TLS failed: \(reason(of: error, certificate))"
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: "TLS failed"
        default: "the connection failed"
        }
    }

    private static func reason(of error: NIOConnectionError) -> String {
        let errors = error.connectionErrors.map(\.error)
        if errors.isEmpty { return "its name was not found" }
        if errors.contains(where: { ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
            return "the connection was refused"
        }
        if errors.contains(where: { $0 is ChannelError }) { return "the connection timed out" }
        return "there is no way to it"
    }

    /// BoringSSL names its reasons in capitals at the end of a line: `…:CERTIFICATE_VERIFY_FAILED`.
    private static func reason(of error: BoringSSLError, _ certificate: NIOSSLCertificate?) -> String {
        let text = String(describing: error)
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return reason(against: certificate) }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return "the server does not speak it"
        }
        if text.contains("PROTOCOL_VERSION") || text.contains("UNSUPPORTED_PROTOCOL") {
            return "the server has neither TLS 1.2 nor 1.3"
        }
        if text.contains("EOF during handshake") { return "the connection was closed during the handshake" }
        if text.contains("ALERT") { return "the server refused the handshake" }
        return "the handshake failed"
    }

    /// What is wrong with a certificate that was not accepted.
    private static func reason(against certificate: NIOSSLCertificate?) -> String {
        guard let certificate else { return "the server's certificate was not accepted" }
        let now = time(nil)
        if certificate.notValidAfter < now { return "the server's certificate has expired" }
        if certificate.notValidBefore > now { return "the server's certificate is not valid yet" }
        // A certificate whose encoding cannot be had is not one that signed itself.
        let isOwn = (try? certificate.toDERBytes()).map { CertificateNames(der: $0) }?.areSame ?? false
        return isOwn
            ? "the server's certificate is self-signed and not trusted here"
            : "the server's certificate is of an authority that is not trusted here"
    }
}

/// Issuer and subject of a certificate, as bytes.
///
///     SEQUENCE { SEQUENCE { [0] version?, serial, algorithm, issuer, validity, subject, … }, … }
///
/// - Source: RFC 5280, 4.1.
struct CertificateNames {
    private(set) var issuer: ArraySlice<UInt8> = []
    private(set) var subject: ArraySlice<UInt8> = []

    var areSame: Bool { !issuer.isEmpty && issuer == subject }

    init(der: [UInt8]) {
        var outer = der[...]
        guard var certificate = Self.next(&outer)?.content, var fields = Self.next(&certificate)?.content else {
            return
        }
        if fields.first == 0xA0 { _ = Self.next(&fields) }
        _ = Self.next(&fields)
        _ = Self.next(&fields)
        guard let issuer = Self.next(&fields), Self.next(&fields) != nil, let subject = Self.next(&fields) else {
            return
        }
        self.issuer = issuer.content
        self.subject = subject.content
    }

    /// Takes the next element off; `nil` when there is none.
    private static func next(_ bytes: inout ArraySlice<UInt8>) -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        guard bytes.count >= 2, let tag = bytes.popFirst(), var length = bytes.popFirst().map(Int.init) else {
            return nil
        }
        if length >= 0x80 {
            let digits = length & 0x7F
            guard (1...4).contains(digits), bytes.count >= digits else { return nil }
            length = bytes.prefix(digits).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(digits)
        }
        guard bytes.count >= length else { return nil }
        defer { bytes = bytes.dropFirst(length) }
        return (tag, bytes.prefix(length))
    }
}
