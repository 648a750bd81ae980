/// What outlives a request: shared by all connections of an emulator.
final class EmulatorState: Sendable {
    let clock: EmulatorClock
    let tokens: AccessTokens
    let caches: CacheStore
    let script: ScriptPlayer
    let log: RequestLog

    init(_ configuration: EmulatorConfiguration) {
        clock = EmulatorClock(fixedSeconds: configuration.fixedTimeSeconds)
        tokens = AccessTokens(seed: configuration.seed, lifeSeconds: configuration.tokenLifeSeconds, clock: clock)
        caches = CacheStore(seed: configuration.seed, clock: clock)
        script = ScriptPlayer(configuration.script, seed: configuration.seed, clock: clock)
        log = RequestLog(clock: clock)
    }

    /// As it was at the start, but for the script that the emulator was started with: that begins anew.
    func reset() {
        clock.reset()
        caches.removeAll()
        log.removeAll()
        script.rewind()
    }
}
