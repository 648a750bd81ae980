import GRDB
import PolluxLimits

/// Why the store did not do what it was asked to. No text of it holds a value.
public enum StoreError: Error, Sendable, Hashable {
    /// A field's value cannot be.
    case invalid(String, String)
    case nameTaken(String)
    case notFound(String)
    /// A revoked key changes no more.
    case isRevoked(String)
    /// It stands in the configuration, and changes there.
    case isConfigured(String)
    /// Another process holds a lock.
    case locked
    case readOnly
    case full
    case notADatabase
    /// A newer version made it.
    case tooNew
    /// An older version made it, and it may only be read.
    case tooOld
    case gone
    case other(String)

    static func outOfRange(_ field: String, _ range: ClosedRange<some CustomStringConvertible>) -> StoreError {
        .invalid(field, "expected a number from \(range.lowerBound) to \(range.upperBound)")
    }

    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError:
            self =
                switch error.resultCode {
                case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .locked
                case .SQLITE_READONLY: .readOnly
                case .SQLITE_FULL: .full
                case .SQLITE_NOTADB, .SQLITE_CORRUPT: .notADatabase
                default: .other(error.message ?? "SQLite error \(error.extendedResultCode.rawValue)")
                }
        default: self = .other(String(describing: type(of: error)))
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let field, let reason): "\(field): \(reason)"
        case .nameTaken(let name): "there is a key '\(name)' already, or was: names are not given twice"
        case .notFound(let name): "there is no key '\(name)'"
        case .isRevoked(let name): "the key '\(name)' is revoked"
        case .isConfigured(let name): "the key '\(name)' stands in the configuration: it is changed there"
        case .locked: "another process holds a lock on the file"
        case .readOnly: "the file cannot be written"
        case .full: "there is no space left on the disk"
        case .notADatabase: "the file is not a database of this program, or it is damaged"
        case .tooNew: "the file was made by a newer version of this program"
        case .tooOld: "the file was made by an older version of this program: start the gateway with it once"
        case .gone: "the file is not there"
        case .other(let reason): reason
        }
    }
}
