import PolluxJSON

/// Numbers and strings.
extension SchemaSampler {
    /// The bounds of a number, with their exclusive forms (of both drafts).
    private func bounds(
        _ layers: SchemaLayers, _ json: borrowing JSONDocument
    ) -> (lower: Double?, isOpenBelow: Bool, upper: Double?, isOpenAbove: Bool) {
        var lower = json.finiteNumber(layers.value("minimum", json))
        var upper = json.finiteNumber(layers.value("maximum", json))
        var isOpenBelow = false
        var isOpenAbove = false
        if let node = layers.value("exclusiveMinimum", json) {
            if let bound = json.finiteNumber(node), bound >= lower ?? bound {
                (lower, isOpenBelow) = (bound, true)
            }
            if json.boolean(node) == true { isOpenBelow = true }
        }
        if let node = layers.value("exclusiveMaximum", json) {
            if let bound = json.finiteNumber(node), bound <= upper ?? bound {
                (upper, isOpenAbove) = (bound, true)
            }
            if json.boolean(node) == true { isOpenAbove = true }
        }
        return (lower, isOpenBelow, upper, isOpenAbove)
    }

    /// A number that the user gave, when it fits.
    private func givenNumber(_ fits: (Double) -> Bool) -> Double? { hints.numbers.first(where: fits) }

    mutating func integer(
        _ layers: SchemaLayers, into writer: inout JSONWriter, _ json: borrowing JSONDocument
    ) {
        let bounds = self.bounds(layers, json)
        let limit = 0x1p53
        var lower = bounds.lower.map {
            ($0 + (bounds.isOpenBelow ? 1 : 0)).rounded(bounds.isOpenBelow ? .down : .up)
        }
        var upper = bounds.upper.map {
            ($0 - (bounds.isOpenAbove ? 1 : 0)).rounded(bounds.isOpenAbove ? .up : .down)
        }
        lower = lower.map { max(min($0, limit), -limit) }
        upper = upper.map { max(min($0, limit), -limit) }
        let step = max(
            Int(json.finiteNumber(layers.value("multipleOf", json)).map { max(min($0, limit), 1) } ?? 1), 1)
        let given = givenNumber { number in
            number == number.rounded() && number >= lower ?? -limit && number <= upper ?? limit
                && number.truncatingRemainder(dividingBy: Double(step)) == 0
        }
        if let given { return writer.integer(Int(given)) }
        let first: Int
        switch (lower, upper) {
        case (let lower?, let upper?):
            first = Int(lower) + chance.below(min(Int(max(upper - lower, 0)), 999) + 1)
        case (let lower?, nil): first = Int(lower) + chance.below(10)
        case (nil, let upper?): first = Int(upper) - chance.below(10)
        case (nil, nil): first = 1 + chance.below(100)
        }
        let remainder = first % step
        var result = remainder == 0 ? first : first - remainder + (first > 0 ? step : 0)
        if let upper, Double(result) > upper { result -= step }
        if let lower, Double(result) < lower { result += step }
        writer.integer(result)
    }

    mutating func number(
        _ layers: SchemaLayers, into writer: inout JSONWriter, _ json: borrowing JSONDocument
    ) {
        let bounds = self.bounds(layers, json)
        let fits = { (number: Double) in
            if let lower = bounds.lower, number < lower || bounds.isOpenBelow && number == lower {
                return false
            }
            if let upper = bounds.upper, number > upper || bounds.isOpenAbove && number == upper {
                return false
            }
            return true
        }
        let result: Double
        if let given = givenNumber(fits) {
            result = given
        } else {
            let fraction = Double(1 + chance.below(98)) / 100
            switch (bounds.lower, bounds.upper) {
            case (let lower?, let upper?):
                let exact = lower + (upper - lower) * fraction
                let rounded = (exact * 100).rounded() / 100
                result = fits(rounded) ? rounded : exact
            case (let lower?, nil): result = lower + fraction * 10
            case (nil, let upper?): result = upper - fraction * 10
            case (nil, nil): result = fraction * 100
            }
        }
        let step = json.finiteNumber(layers.value("multipleOf", json)) ?? 0
        let stepped = step > 0 ? (result / step).rounded() * step : result
        write(fits(stepped) ? stepped : result, into: &writer)
    }

    private func write(_ number: Double, into writer: inout JSONWriter) {
        if number == number.rounded(), number.magnitude < 0x1p53 {
            writer.integer(Int(number))
        } else {
            writer.raw(Array("\(number)".utf8).span)
        }
    }

    // MARK: Strings

    /// A string by its format, else by the property's name, within its length.
    mutating func string(
        _ layers: SchemaLayers, named name: String, _ json: borrowing JSONDocument
    ) -> String {
        if let format = json.text(of: layers.value("format", json)), let text = formatted(format) {
            return text
        }
        var text = named(name)
        let maximum = json.wholeNumber(layers.value("maxLength", or: "max_length", json)) ?? Int.max
        let minimum = json.wholeNumber(layers.value("minLength", or: "min_length", json)) ?? 0
        if text.count > maximum { text = String(text.prefix(max(maximum, 0))) }
        let missing = max(min(minimum, Self.maximumValues), 0) - text.count
        if missing > 0 { text += String(repeating: "x", count: missing) }
        return text
    }

    private mutating func formatted(_ format: String) -> String? {
        switch format {
        case "date": return date()
        case "date-time": return date() + "T" + time() + "Z"
        case "time": return time() + "Z"
        case "duration": return "PT\(1 + chance.below(59))M"
        case "email", "idn-email": return "person\(1 + chance.below(999))@example.com"
        case "uuid": return chance.uuid()
        case "uri", "url", "iri", "uri-reference":
            return "https://example.com/\(chance.identifier(length: 6))"
        case "hostname", "idn-hostname": return "host\(1 + chance.below(99)).example.com"
        case "ipv4": return "192.0.2.\(1 + chance.below(254))"
        case "ipv6": return "2001:db8::\(1 + chance.below(999))"
        case "byte", "binary": return "UG9sbHV4"
        default: return nil
        }
    }

    private mutating func date() -> String {
        "2025-" + two(1 + chance.below(12)) + "-" + two(1 + chance.below(28))
    }

    private mutating func time() -> String {
        two(chance.below(24)) + ":" + two(chance.below(60)) + ":" + two(chance.below(60))
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private mutating func named(_ name: String) -> String {
        let words = NameWords.of(name)
        if words.contains(where: NameWords.places.contains) {
            let isArrival = words.contains("destination") || words.contains("to")
            let index = isArrival ? min(1, max(hints.places.count - 1, 0)) : ordinal
            return hints.places.isEmpty ? "Paris" : hints.places[index % hints.places.count]
        }
        if let quotation = hints.quotations.first { return quotation }
        switch words.last ?? "" {
        case "query", "question", "prompt", "text", "message", "input", "q":
            if !hints.summary.isEmpty { return hints.summary }
            return "sample \(name)"
        case "date", "day": return date()
        case "email": return formatted("email") ?? ""
        case "url", "uri", "link", "website": return formatted("uri") ?? ""
        case "id", "identifier": return "id-" + chance.identifier(length: 6)
        case "language": return "en"
        case "currency": return "EUR"
        case "unit", "units": return hints.contains("fahrenheit") ? "fahrenheit" : "celsius"
        case "timezone": return "UTC"
        default:
            let number = ordinal > 0 ? " \(ordinal + 1)" : ""
            return (name.isEmpty ? "sample text" : "sample " + words.joined(separator: " ")) + number
        }
    }
}
