public import NIOSSL

/// How servers on `https` prove who they are: to the data plane, to the login and to whoever fetches media.
///
/// TLS 1.2 and 1.3; the server's certificate must name the host, or the address, that was asked for. Sessions are not
/// resumed: the library has no means for it, which is why connections are kept (docs/performance.md).
public struct UpstreamTLS: Sendable {
    /// Why a file of authorities cannot be used.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// For clients that make connections of their own.
    public let configuration: TLSConfiguration
    private let context: NIOSSLContext

    /// - Parameter authorities: a PEM file of certificate authorities that are trusted beside the system's.
    /// - Throws: ``Failure`` when the file cannot be read or holds no certificate.
    public init(authorities path: String? = nil) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let path { configuration.additionalTrustRoots = [.certificates(try Self.certificates(path))] }
        do {
            context = try Self.context(configuration)
        } catch {
            // A system without authorities, as in small containers: whoever is named is trusted, and nobody else.
            configuration.trustRoots = .certificates([])
            context = try Self.context(configuration)
        }
        self.configuration = configuration
    }

    private static func context(_ configuration: TLSConfiguration) throws -> NIOSSLContext {
        var configuration = configuration
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    private static func certificates(_ path: String) throws -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw Failure(description: "\(path) cannot be read as certificates in PEM form")
        }
        guard !certificates.isEmpty else { throw Failure(description: "\(path) holds no certificate") }
        return certificates
    }

    /// The handler of one connection. Only names are told to the server: SNI knows no addresses (RFC 6066, 3).
    func handler(for address: UpstreamAddress) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: address.isName ? address.host : nil)
    }
}

extension UpstreamAddress {
    /// Whether the host is a name, not an address: addresses have a colon, or no letter.
    var isName: Bool {
        !host.utf8.contains(UInt8(ascii: ":")) && host.utf8.contains { ($0 | 0x20) &- UInt8(ascii: "a") < 26 }
    }
}
