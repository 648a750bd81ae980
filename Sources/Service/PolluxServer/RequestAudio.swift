import PolluxGateway
import PolluxTranslation

/// Speech that a request may name, as the one exchange sees it. Whose it is is found out when it is asked for.
struct RequestAudio: AudioSource {
    let exchange: Exchange
    let route: ModelRoute

    func audio(id: String) -> RememberedAudio? {
        exchange.gateway.audio.audio(id: id, tenant: exchange.tenant(route), now: exchange.worker.clock.now)
    }
}
