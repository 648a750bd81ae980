internal import PolluxGateway
internal import PolluxObservation

/// Places of models that are in several: each location of a backend, all its models together, so that there are no
/// more of them than the configuration names.
extension PrometheusText {
    mutating func writePlaces(_ places: [PlaceSnapshot]) {
        // They come in the order of their names.
        var sites: [(labels: Labels, places: [PlaceSnapshot])] = []
        for place in places {
            if let last = sites.last?.places.last, last.backend == place.backend, last.location == place.location {
                sites[sites.count - 1].places.append(place)
            } else {
                sites.append(([("backend", place.backend), ("location", place.location)], [place]))
            }
        }
        begin("pollux_places", .gauge, "Models of a place by how it is for them.")
        for site in sites {
            for condition: PlaceState.Condition in [.well, .resting, .probing] {
                let count = site.places.count { $0.condition == condition }
                sample(count, site.labels + [("condition", "\(condition)")])
            }
        }
        for (name, help, value) in Self.counters {
            begin(name, .counter, help)
            for site in sites { sample(site.places.reduce(0) { $0 + value($1.counts) }, site.labels) }
        }
    }

    private static let counters: [(StaticString, StaticString, @Sendable (PlaceHealth.Counts) -> Int)] = [
        ("pollux_place_requests_total", "Requests that were sent to a place.", { $0.requests }),
        ("pollux_place_throttled_total", "Requests that a place answered with 429.", { $0.throttled }),
        ("pollux_place_failures_total", "Other refusals and failures of a place.", { $0.failed }),
        ("pollux_place_rests_total", "Times that a place began to rest for a model.", { $0.rests }),
        ("pollux_place_probes_total", "Requests that were to find out whether a place is well again.", { $0.probes }),
        ("pollux_place_spills_total", "Requests that went on from a place to another.", { $0.spilled }),
        ("pollux_place_hedges_total", "Second requests that were sent to a place.", { $0.hedges }),
        ("pollux_place_hedges_won_total", "Second requests of a place that were answered first.", { $0.hedgesWon }),
    ]
}
