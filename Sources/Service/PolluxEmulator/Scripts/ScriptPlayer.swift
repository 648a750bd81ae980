import Synchronization

/// Plays a ``Script``: counts what its rules and quotas were used for, and draws what is left to chance.
final class ScriptPlayer: Sendable {
    /// What is to happen to one request.
    struct Decision: Sendable {
        /// The rule, or `quota`.
        var name: String
        var outcome = ScriptOutcome.usual
        var directives: Directives?
        var delivery: Delivery?
    }

    /// A rule and what it did so far.
    struct Use: Sendable {
        var name: String
        /// Requests that it was for, acted on or not.
        var matched = 0
        var acted = 0
    }

    fileprivate struct State {
        var script: Script
        var uses: [Use]
        var quotas = QuotaUse()
        var chance: Chance

        init(_ script: Script, seed: UInt64) {
            self.script = script
            uses = script.rules.map { Use(name: $0.name) }
            chance = Chance(script.seed ?? seed)
        }
    }

    private let initial: Script
    private let seed: UInt64
    private let clock: EmulatorClock
    private let state: Mutex<State>
    /// Whether there is anything to look at: most emulators have no script.
    private let isActive: Atomic<Bool>

    init(_ script: Script, seed: UInt64, clock: EmulatorClock) {
        initial = script
        self.seed = seed
        self.clock = clock
        state = Mutex(State(script, seed: seed))
        isActive = Atomic(!script.isEmpty)
    }

    /// Plays another script from its beginning.
    func play(_ script: Script) {
        state.withLock { $0 = State(script, seed: seed) }
        isActive.store(!script.isEmpty, ordering: .releasing)
    }

    /// Plays the first script again from its beginning.
    func rewind() { play(initial) }

    var uses: [Use] { state.withLock { $0.uses } }

    func decide(_ facts: @autoclosure () -> RequestFacts, _ body: Span<UInt8>) -> Decision? {
        guard isActive.load(ordering: .acquiring) else { return nil }
        let facts = facts()
        let now = clock.milliseconds
        return state.withLock { $0.decide(facts, body, now: now) }
    }
}

extension Script {
    var isEmpty: Bool { rules.isEmpty && quotas.isEmpty }
}

extension ScriptPlayer.State {
    fileprivate mutating func decide(
        _ facts: RequestFacts, _ body: Span<UInt8>, now: Int
    ) -> ScriptPlayer.Decision? {
        for (index, quota) in script.quotas.enumerated() where quota.fits(facts) {
            guard let wait = quotas.take(quota, at: index, facts, bytes: body.count, now: now) else { continue }
            return ScriptPlayer.Decision(name: "quota", outcome: .error(quota.refusal(facts, retryMilliseconds: wait)))
        }
        for (index, rule) in script.rules.enumerated() where rule.match.fits(facts, body) {
            if let times = rule.times, uses[index].matched >= rule.skip + times { continue }
            uses[index].matched += 1
            guard uses[index].matched > rule.skip else { continue }
            if rule.chance < 1, chance.fraction() >= rule.chance { continue }
            uses[index].acted += 1
            return decision(rule, facts)
        }
        return nil
    }

    private mutating func decision(_ rule: ScriptRule, _ facts: RequestFacts) -> ScriptPlayer.Decision {
        var decision = ScriptPlayer.Decision(name: rule.name, outcome: rule.outcome, directives: rule.directives)
        if case .error(var error) = rule.outcome, facts.service == .vertex {
            error.reason?.service = Backend.vertex.service
            decision.outcome = .error(error)
        }
        if rule.latency != nil || rule.fault != nil || rule.drip != nil || rule.pace != nil {
            var delivery = Delivery()
            delivery.delayMilliseconds = rule.latency?.draw(&chance) ?? 0
            delivery.fault = rule.fault
            delivery.drip = rule.drip
            if let pace = rule.pace { delivery.pace = pace }
            decision.delivery = delivery
        }
        return decision
    }
}
