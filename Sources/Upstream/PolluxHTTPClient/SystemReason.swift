import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why the system, or a library on its behalf, did not do what it was asked to: in words for who typed the command,
/// `No such file or directory`.
package enum SystemReason {
    package static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError: words(error.errnoCode)
        case let error as NIOConnectionError: text(of: error)
        case let error as SocketAddressError.UnknownHost: "the name '\(error.host)' was not found"
        case let error as CocoaError: (error.underlying as? POSIXError).map { words($0.code.rawValue) } ?? plain(error)
        case let error as HTTPClientError: error.shortDescription
        default: plain(error)
        }
    }

    /// Why a file cannot be read; `nil` when it can.
    package static func unreadable(_ path: String) -> String? {
        unsafe access(path, R_OK) == 0 ? nil : words(errno)
    }

    private static func text(of error: NIOConnectionError) -> String {
        error.connectionErrors.first.map { text($0.error) } ?? "the name '\(error.host)' was not found"
    }

    private static func plain(_ error: any Error) -> String { String(describing: error) }

    /// `strerror` gives a terminated text that lives until the next call in this thread.
    package static func words(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
