import PolluxLimits

extension Section {
    /// A table of prices is some kilobytes.
    private static let maximumPriceBytes = 4 << 20

    /// The shipped prices, with those of the named file before them.
    func prices(_ name: String) -> PriceTable {
        var prices = PriceTable.defaults
        guard let path = text(name) else { return prices }
        context.diagnostics.reads(path)
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.contents(of: path, maximumBytes: Self.maximumPriceBytes)
        } catch {
            self.error(name, "the file '\(path)' cannot be read: \(error.reason)")
            return prices
        }
        do {
            try prices.add(parsing: bytes)
        } catch {
            self.error(name, "the file '\(path)': \(error)")
        }
        return prices
    }
}
