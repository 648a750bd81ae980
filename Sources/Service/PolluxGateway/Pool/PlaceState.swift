/// Whether a place (one model at one backend in one location) takes requests.
///
///     well ──── refused, or failed twice in a row ────▶ resting
///       ▲                                                  │ the rest is over
///       └──────────── answered ──── probing ◀──────────────┘ one request goes there
///                                      └── refused or failed ──▶ resting, longer
///
/// A value that fits into one machine word, so that event loops share it without a lock. Time is what the
/// caller says: milliseconds of a clock that never goes back.
public struct PlaceState: Sendable, Equatable {
    public enum Condition: UInt64, Sendable {
        case well, resting, probing
    }

    /// What became of a request.
    public enum Outcome: Sendable, Equatable {
        case answered
        /// The place says or shows that it takes no requests now: 429, 503, no connection.
        ///
        /// - Parameter delay: what it asked for, in milliseconds.
        case refused(delay: Int?)
        /// This request went wrong, which may be the request's own fault.
        case failed
        /// Nobody waited for the answer.
        case abandoned
    }

    /// How a request came to be sent there.
    public enum Ticket: Sendable, Equatable {
        case regular
        /// The one that finds out whether the place is well again.
        case probe
        /// Sent although the place rests, because all others do.
        case lastResort
    }

    /// The first rest without a delay from upstream; each further one is twice as long, up to the longest.
    public static let firstRest = 1_000
    public static let longestRest = 60_000
    /// A delay from upstream may be longer, but not for ever.
    public static let longestDelay = 600_000
    /// Failures in a row that make a place rest.
    public static let failuresInARow = 2
    /// A probe that nothing was heard of for so long is given up, and another is sent.
    public static let probePatience = 60_000

    public private(set) var condition = Condition.well
    /// While it is well, failures in a row; else, rests in a row.
    public private(set) var strikes = 0
    /// When the rest ends, or when the probe was sent.
    public private(set) var time = 0

    public init() {}

    /// Whether a request may be sent now, and as what; `nil` while it rests. The one that gets a probe must send it.
    public mutating func admit(at now: Int) -> Ticket? {
        switch condition {
        case .well: return .regular
        case .resting where now < time: return nil
        case .probing where now < time + Self.probePatience: return nil
        case .resting, .probing:
            condition = .probing
            time = now
            return .probe
        }
    }

    public mutating func report(_ outcome: Outcome, of ticket: Ticket, at now: Int) {
        switch (outcome, condition) {
        case (.answered, .well): strikes = 0
        // An answer to what was sent before the rest says nothing about now.
        case (.answered, _) where ticket == .regular: break
        case (.answered, _): self = PlaceState()
        case (.abandoned, .probing) where ticket == .probe:
            condition = .resting
            time = now
        case (.abandoned, _): break
        case (.failed, .well) where strikes + 1 < Self.failuresInARow: strikes += 1
        case (.failed, .well): rest(nil, now)
        case (.refused(let delay), .well): rest(delay, now)
        case (.failed, .probing) where ticket == .probe: rest(nil, now)
        case (.refused(let delay), .probing) where ticket == .probe: rest(delay, now)
        // Many that were sent before fail together: that is one piece of news. A delay counts when it is longer.
        case (.refused(let delay?), .resting): time = max(time, now + min(delay, Self.longestDelay))
        case (.failed, _), (.refused, _): break
        }
    }

    private mutating func rest(_ delay: Int?, _ now: Int) {
        strikes = condition == .well ? 1 : min(strikes + 1, 255)
        condition = .resting
        let pause = min(Self.firstRest << min(strikes - 1, 6), Self.longestRest)
        time = now + min(max(delay ?? pause, 1), Self.longestDelay)
    }

    /// How long it still rests.
    public func rest(at now: Int) -> Int { condition == .resting ? max(0, time - now) : 0 }
}

extension PlaceState {
    /// 2 bits condition, 8 bits strikes, 54 bits time: half a million years.
    public var word: UInt64 {
        condition.rawValue | UInt64(strikes) << 2 | UInt64(clamping: time) << 10
    }

    public init(word: UInt64) {
        condition = Condition(rawValue: word & 3) ?? .well
        strikes = Int(word >> 2 & 0xFF)
        time = Int(word >> 10)
    }
}
