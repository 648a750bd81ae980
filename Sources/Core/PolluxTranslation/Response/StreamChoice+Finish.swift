internal import PolluxGeminiWire
internal import PolluxJSON

/// The end of one choice: what is left, and the finish chunk.
extension StreamChoice {
    /// Writes what is left, and the finish chunk (STREAM-025, STREAM-028).
    mutating func writeFinish(
        tail: [UInt8], lastTail: [UInt8], created: Int, into writer: inout JSONWriter
    ) {
        var chunk = ChunkWriter(index: index, tail: tail)
        calls.end()
        flushCalls(&chunk, into: &writer)
        let reason = self.reason
        var refusal: String?
        if reason == .contentFilter, !text.hasText {
            refusal = block?.refusal ?? FinishReason.refusal(finishReason, message: finishMessage)
        }
        if !hasRole || wasOpened && isEmpty && refusal == nil {
            writeFirst(refusal: refusal, &chunk, into: &writer)
            refusal = nil
        }
        writer.output.append("data: {\"choices\":[{\"delta\":{" as StaticString)
        writeLeftovers(created: created, into: &writer)
        if let refusal {  // RESP-033: there were calls, pictures or thoughts, but no text.
            writer.key("refusal")
            writer.string(text: refusal)
        }
        writer.output.append(UInt8(ascii: "}"))
        if let block {
            writer.output.append(UInt8(ascii: ","))
            writer.output.append(block.content.span)
        } else if let finishContent {
            writer.output.append(UInt8(ascii: ","))
            writer.output.append(finishContent.span.extracting(1..<finishContent.count))
        }
        writer.output.append(",\"finish_reason\":\"" as StaticString)
        writer.output.append(reason.word)
        writer.output.append("\",\"index\":" as StaticString)
        writer.output.append(index)
        writer.key("logprobs")
        writer.writeLogprobs(tokens)
        writer.output.append(UInt8(ascii: "}"))
        writer.output.append(lastTail)
    }

    private mutating func writeFirst(refusal: String?, _ chunk: inout ChunkWriter, into writer: inout JSONWriter) {
        chunk.begin(into: &writer)
        if let refusal {
            writer.key("refusal")
            writer.string(text: refusal)
        } else {
            writer.raw("\"content\":\"\"")
        }
        writeRole(into: &writer)
        chunk.end(into: &writer)
    }

    /// Writes the delta of the finish chunk.
    private mutating func writeLeftovers(created: Int, into writer: inout JSONWriter) {
        grounding.writeAnnotations(text: text.record, into: &writer)
        if audioID != nil {
            writer.key("audio")
            writer.beginObject()
            let rest = audio.nextBase64(isLast: true)
            if !rest.isEmpty {
                writer.key("data")
                writer.string(utf8: rest.span)
            }
            writer.key("expires_at")
            writer.integer(created + 3600)
            writer.key("transcript")
            writer.string("")
            writer.endObject()
        }
        if text.isInsideTag {
            writer.key("content")
            writer.beginString()
            text.closeTag(into: &writer)
            writer.endString()
        }
        guard signature != nil || !citations.isEmpty || !grounding.isEmpty || !urlContext.isEmpty || !rawParts.isEmpty
        else { return }
        writer.key("extra_content")
        writer.raw("{\"google\":{")
        if !citations.isEmpty {
            writer.key("citation_metadata")
            writer.raw("{\"citations\":[")
            for citation in citations { writer.raw(citation.span) }
            writer.output.append("]}" as StaticString)
        }
        grounding.writeNative(into: &writer)
        if !rawParts.isEmpty {
            writer.key("parts")
            writer.beginArray()
            for part in rawParts { writer.raw(part.span) }
            writer.endArray()
        }
        if let signature {
            writer.key("thought_signature")
            writer.string(text: signature)
        }
        if !urlContext.isEmpty { writer.raw(urlContext.span) }
        writer.endObject()
        writer.endObject()
    }

    /// Hands over what the vault should keep.
    func collect(into remembered: inout RememberedAnswer) {
        remembered.calls += calls.signed
        if let message = text.record?.remembered(signature: signature) { remembered.messages.append(message) }
        if let audioID, let spoken = audio.remembered(id: audioID) { remembered.audio.append(spoken) }
    }
}
