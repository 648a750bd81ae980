import PolluxJSON

/// The emulator's own routes, by which tests tell it what to do and ask what came.
///
///     GET                 /emulator             what it is, and how much came
///     GET, POST, DELETE   /emulator/script      what the script did; another one; none
///     GET, DELETE         /emulator/requests    the last requests, `?since=NUMBER` only those behind it
///     POST                /emulator/clock       {"advance":"90s"} lets tokens, caches and minutes pass
///     POST                /emulator/reset       as at the start
struct ControlResponder {
    let configuration: EmulatorConfiguration
    let state: EmulatorState

    func reply(_ method: String, _ path: [String], _ head: RequestHead, body: Span<UInt8>) -> Reply {
        do throws(GoogleError) {
            switch (method, path) {
            case ("GET", []): return about()
            case ("GET", ["script"]): return uses()
            case ("POST", ["script"]):
                state.script.play(try Script(reading: String(copying: body), configuration.recordings))
                return uses()
            case ("DELETE", ["script"]):
                state.script.play(Script())
                return .json(Array("{}".utf8))
            case ("GET", ["requests"]):
                return .json(state.log.body(since: Int(head.target.parameter("since") ?? "") ?? 0))
            case ("DELETE", ["requests"]):
                state.log.removeAll()
                return .json(Array("{}".utf8))
            case ("POST", ["clock"]):
                return try advance(body)
            case ("POST", ["reset"]):
                state.reset()
                return .json(Array("{}".utf8))
            default:
                throw GoogleError(.notFound, "The emulator has no route \(method) \(head.target.shown).")
            }
        } catch {
            return .error(error)
        }
    }

    private func about() -> Reply {
        .json(
            JSONWriter.objectText {
                $0.member("emulator", "pollux")
                $0.member("seed", String(configuration.seed))
                $0.member("time", Timestamp.text(seconds: state.clock.seconds))
                $0.member("requests", state.log.entries().count)
            }
        )
    }

    private func uses() -> Reply {
        .json(
            JSONWriter.objectText {
                $0.member("rules") {
                    $0.array {
                        for use in state.script.uses {
                            $0.object {
                                $0.member("name", use.name)
                                $0.member("matched", use.matched)
                                $0.member("acted", use.acted)
                            }
                        }
                    }
                }
            }
        )
    }

    private func advance(_ body: Span<UInt8>) throws(GoogleError) -> Reply {
        let bytes = try YAMLText.json(String(copying: body))
        var tape = JSONTape()
        do throws(JSONError) {
            try tape.parse(bytes.span)
        } catch {
            throw .invalid("Invalid JSON payload received.")
        }
        let json = tape.document(of: bytes.span)
        try FieldCheck.check(json, as: "Clock", FieldCheck(.script, typePrefix: "", version: ""))
        guard let span = TimeSpan.milliseconds(json.text(of: json.value("advance", of: .root)) ?? ""), span >= 0 else {
            throw .invalid("'advance' must be a length of time like 90s or 2h.")
        }
        state.clock.advance(milliseconds: span)
        return .json(JSONWriter.objectText { $0.member("time", Timestamp.text(seconds: state.clock.seconds)) })
    }
}
