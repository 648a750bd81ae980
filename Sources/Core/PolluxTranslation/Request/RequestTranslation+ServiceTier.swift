internal import PolluxJSON
internal import PolluxOpenAIWire

/// `service_tier`, `metadata` and what else stands at the end of the body.
extension RequestTranslation {
    /// `labels` and `modelArmorConfig`, on Vertex only (XB-012, REQ-025).
    mutating func writeLabels() throws(APIError) {
        guard target.service == .vertex else {
            if google.labels != nil { notes.note(.ignored, "extra_body.google.labels", rule: "XB-012", "Vertex only") }
            if google.modelArmorConfig != nil {
                notes.note(.ignored, "extra_body.google.model_armor_config", rule: "XB-012", "Vertex only")
            }
            if request[.metadata] != nil { note(.ignored, .metadata, rule: "REQ-025") }
            return
        }
        if let labels = google.labels {
            writeNativeLabels(labels)
        } else if let metadata = request[.metadata] {
            if settings.sendsMetadataAsLabels, !json.isEmpty(metadata) {
                writeLabels(from: metadata)
            } else {
                note(.ignored, .metadata, rule: "REQ-025")
            }
        }
        if let armor = google.modelArmorConfig {
            writer.key("modelArmorConfig")
            writer.copyCamelCased(armor, of: json)
        }
    }

    /// The labels as they are: names and values are the client's.
    private mutating func writeNativeLabels(_ labels: JSONNode) {
        writer.key("labels")
        writer.beginObject()
        for (name, value) in membersOnce(labels, of: json, spelled: { $0 }) {
            writer.key(text: name)
            writer.copy(value, of: json)
        }
        writer.endObject()
    }

    private mutating func writeLabels(from metadata: JSONNode) {
        writer.key("labels")
        writer.beginObject()
        var written: Set<String> = []
        var members = json.members(metadata)
        while let member = members.next(in: json), written.count < 64 {
            if json.isNull(member.value) { continue }
            var key = Self.label(json.string(member.key))
            if key.utf8.first.map({ $0 &- UInt8(ascii: "a") < 26 }) != true { key = "k_" + key }
            key = String(key.prefix(63))
            guard written.insert(key).inserted else { continue }
            writer.key(text: key)
            writer.string(text: String(Self.label(json.string(member.value)).prefix(63)))
        }
        writer.endObject()
    }

    /// Lower case, with `_` for everything outside `[a-z0-9_-]`.
    static func label(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.lowercased().unicodeScalars.map { scalar in
                    ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-"
                        ? scalar : "_"
                }
            )
        )
    }

    /// `service_tier` (TIER-001…004): a member for the Developer API, headers for Vertex.
    mutating func writeServiceTier() throws(APIError) {
        guard let node = request[.serviceTier] else { return }
        plan.echoesServiceTier = true
        let tier: String
        switch json.string(node) {
        case "flex": tier = "flex"
        case "priority", "fast": tier = "priority"
        case "scale":
            if target.service == .vertex {
                plan.requestType = "dedicated"
            } else {
                note(.ignored, .serviceTier, rule: "TIER-004")
            }
            return
        default: return
        }
        switch target.service {
        case .vertex:
            plan.sharedRequestType = tier
            if settings.isServiceTierExclusive { plan.requestType = "shared" }
        case .developer:
            writer.key("serviceTier")
            writer.string(text: tier)
        }
    }
}
