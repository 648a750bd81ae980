internal import PolluxJSON
internal import PolluxOpenAIWire

/// What kinds of answer are asked for: `modalities` → `responseModalities`, `audio` → `speechConfig`.
extension RequestTranslation {
    /// `modalities` → `responseModalities` (REQ-022, AUD-001, AUD-007).
    private func modalities() throws(APIError) -> [String] {
        guard let node = request[.modalities] else {
            return profile.makesSpeech && nativeModalities == nil ? ["AUDIO"] : []
        }
        guard json.isArray(node) else { throw invalidType("modalities", "an array of strings", node) }
        var result: [String] = []
        var elements = json.elements(node)
        var index = 0
        while let element = elements.next(in: json) {
            guard json.isString(element) else { throw invalidType("modalities[\(index)]", "a string", element) }
            let word = json.string(element)
            guard ["text", "image", "audio"].contains(word) else {
                throw .invalidValue("modalities[\(index)]", found: word, supported: ["text", "audio", "image"])
            }
            if !result.contains(word.uppercased()) { result.append(word.uppercased()) }
            index += 1
        }
        if result.isEmpty || result == ["TEXT"] { return profile.makesSpeech ? ["AUDIO"] : [] }
        return result.contains("AUDIO") && !result.contains("IMAGE") ? ["AUDIO"] : result
    }

    /// The same in Google's form.
    private var nativeModalities: JSONNode? {
        google.responseModalities ?? native("response_modalities", "responseModalities")
    }

    mutating func writeModalities() throws(APIError) {
        let modalities = try modalities()
        plan.wantsSpeech = modalities.contains("AUDIO")
        if modalities.isEmpty, let nativeModalities {
            var elements = json.elements(nativeModalities)
            while let element = elements.next(in: json) {
                if json.string(element).uppercased() == "AUDIO" { plan.wantsSpeech = true }
            }
        }
        if !modalities.isEmpty {
            writer.key("responseModalities")
            writer.beginArray()
            for modality in modalities { writer.string(text: modality) }
            writer.endArray()
            if google.responseModalities != nil {
                notes.note(.ignored, "extra_body.google.response_modalities", rule: "XB-010", "modalities are given")
            }
        } else if let node = google.responseModalities {
            writer.key("responseModalities")
            writer.copy(node, of: json)
        }
    }

    /// Whether the answer is asked for in something else than text.
    var setsModalities: Bool {
        if nativeModalities != nil { return true }
        return ((try? modalities()) ?? []).isEmpty == false  // A bad value is reported by writeModalities.
    }

    /// `audio` → `speechConfig` (AUD-002, AUD-003). A voice counts only where sound is asked for.
    mutating func writeSpeech() throws(APIError) {
        guard let audio = try object(.audio) else {
            if let node = google.speechConfig {
                writer.key("speechConfig")
                writer.copyCamelCased(node, of: json)
            }
            return
        }
        if let format = json.value("format", of: audio) {
            guard json.isString(format) else { throw invalidType("audio.format", "a string", format) }
            switch json.string(format) {
            case "pcm16": plan.audioFormat = .pcm16
            case "wav": plan.audioFormat = .wav
            case let other:
                throw .badRequest(
                    "Audio format '\(APIError.shortened(other))' is not supported for this model. Supported values are: 'wav' and 'pcm16'.",
                    param: "audio.format", code: "invalid_value"
                )
            }
        }
        var voice = try voiceName(audio)
        if !plan.wantsSpeech {
            note(.ignored, .audio, rule: "REQ-023", "no sound is asked for")
            voice = nil
        }
        let native = google.speechConfig
        guard voice != nil || native != nil else { return }
        writer.key("speechConfig")
        writer.beginObject()
        var namesVoices = false
        if let native {
            writer.memberwiseCamelCased(native, of: json, except: [])
            namesVoices = camelCasedMembers(native, of: json)
                .contains { $0.name == "voiceConfig" || $0.name == "multiSpeakerVoiceConfig" }
        }
        if let voice, !namesVoices {
            writer.key("voiceConfig")
            writer.raw("{\"prebuiltVoiceConfig\":{\"voiceName\":")
            writer.string(text: voice)
            writer.output.append("}}" as StaticString)
        }
        writer.endObject()
        if voice != nil, namesVoices {
            notes.note(.ignored, "audio.voice", rule: "AUD-002", "speech_config names voices")
        }
    }

    /// Gemini's name of the voice that was asked for (AUD-002).
    private func voiceName(_ audio: JSONNode) throws(APIError) -> String? {
        guard var voice = json.value("voice", of: audio) else { return nil }
        if json.isObject(voice) {
            guard let id = json.value("id", of: voice) else { throw .missing("audio.voice.id") }
            voice = id
        }
        guard json.isString(voice) else { throw invalidType("audio.voice", "a string", voice) }
        let name = json.string(voice)
        return Self.voices[name] ?? name
    }

    /// OpenAI's voices and the ones of Gemini that stand in for them (AUD-002).
    private static let voices: [String: String] = [
        "alloy": "Kore", "ash": "Orus", "ballad": "Enceladus", "cedar": "Iapetus", "coral": "Aoede", "echo": "Puck",
        "fable": "Fenrir", "marin": "Autonoe", "nova": "Leda", "onyx": "Charon", "sage": "Sulafat",
        "shimmer": "Zephyr", "verse": "Umbriel",
    ]
}
