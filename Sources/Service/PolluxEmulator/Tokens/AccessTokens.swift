import Synchronization

/// The access tokens that the emulator gives.
///
///     ya29.emulator-{issued}-{expires}-{number}-{checksum}      all in hexadecimal
///
/// A token carries its own life, so nothing is kept for it. Whoever holds one cannot tell: it is opaque to clients.
final class AccessTokens: Sendable {
    enum Verdict: Sendable, Equatable {
        case alive
        case expired
        /// No token of this emulator, or a changed one.
        case foreign
    }

    struct Issued: Sendable {
        var token: String
        var expiresAtMilliseconds: Int
        /// Whole seconds that are left.
        var seconds: Int
    }

    /// The metadata server gives the same token until so little of its life is left.
    static let renewalMilliseconds = 300_000

    private let seed: UInt64
    private let lifeSeconds: Int
    private let clock: EmulatorClock
    private let count = Atomic<Int>(0)
    private let shared = Mutex<Issued?>(nil)

    init(seed: UInt64, lifeSeconds: Int, clock: EmulatorClock) {
        self.seed = seed
        self.lifeSeconds = lifeSeconds
        self.clock = clock
    }

    /// A new token, which lives as long as the emulator was told, or shorter when `maximumSeconds` says so.
    func issue(maximumSeconds: Int = .max) -> Issued {
        let now = clock.milliseconds
        let seconds = min(lifeSeconds, maximumSeconds)
        let expires = now + seconds * 1000
        let number = count.add(1, ordering: .relaxed).newValue
        let body = [now, expires, number].map { String($0, radix: 16) }.joined(separator: "-")
        let token = Self.prefix + body + "-" + checksum(of: body)
        return Issued(token: token, expiresAtMilliseconds: expires, seconds: seconds)
    }

    /// The token that all who ask the metadata server share.
    func sharedToken() -> Issued {
        let now = clock.milliseconds
        return shared.withLock { shared in
            let reserve = min(Self.renewalMilliseconds, lifeSeconds * 500)
            if var issued = shared, issued.expiresAtMilliseconds - now > reserve {
                issued.seconds = (issued.expiresAtMilliseconds - now) / 1000
                return issued
            }
            let issued = issue()
            shared = issued
            return issued
        }
    }

    func verify(_ token: String) -> Verdict {
        guard token.hasPrefix(Self.prefix) else { return .foreign }
        let pieces = token.dropFirst(Self.prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard pieces.count == 4, pieces[3] == checksum(of: pieces[..<3].joined(separator: "-")),
            let expires = Int(pieces[1], radix: 16)
        else { return .foreign }
        return clock.milliseconds < expires ? .alive : .expired
    }

    private static let prefix = "ya29.emulator-"

    private func checksum(of body: String) -> String {
        var hash = Hash()
        hash.add(seed)
        hash.add(body)
        var chance = Chance(hash.value)
        return String(chance.next(), radix: 16)
    }
}
