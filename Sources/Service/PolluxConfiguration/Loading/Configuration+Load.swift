extension Configuration {
    /// A configuration file is some kilobytes.
    private static let maximumFileBytes = 4 << 20

    /// Reads a file, environment variables and flags; the later wins.
    ///
    /// - `path`: `nil` when there is no file.
    /// - Blocks: reads the file, and the files that secrets name. For start-up and reload only.
    /// - Throws: every error of the configuration at once; a file that is not YAML gives only that one.
    public static func load(
        contentsOf path: String?, environment: [String: String], overrides: [ConfigurationOverride] = []
    ) throws(ConfigurationErrors) -> LoadedConfiguration {
        guard let path else { return try load(nil, .defaults, FileStamps(), environment, overrides) }
        let source = ConfigurationLocation.Source.file(path)
        var files = FileStamps()
        files.add(path)
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.contents(of: path, maximumBytes: maximumFileBytes)
        } catch {
            throw ConfigurationErrors("cannot be read: \(error.reason)", in: source, files)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationErrors("is not UTF-8 text", in: source, files)
        }
        return try load(text, source, files, environment, overrides)
    }

    /// The same, with the text of a file at hand. `name` stands in errors for the file's.
    public static func load(
        text: String,
        name: String = "pollux.yaml",
        environment: [String: String] = [:],
        overrides: [ConfigurationOverride] = []
    ) throws(ConfigurationErrors) -> LoadedConfiguration {
        try load(text, .file(name), FileStamps(), environment, overrides)
    }

    private static func load(
        _ text: String?,
        _ source: ConfigurationLocation.Source,
        _ files: FileStamps,
        _ environment: [String: String],
        _ overrides: [ConfigurationOverride]
    ) throws(ConfigurationErrors) -> LoadedConfiguration {
        let diagnostics = Diagnostics(files: files)
        let yaml = YAMLSource(source: source, key: "", diagnostics: diagnostics)
        let empty = SourceValue(content: .null, location: ConfigurationLocation(source: source))
        guard var tree = text.map(yaml.tree) ?? empty else { throw ConfigurationErrors(diagnostics) }

        let further = EnvironmentSource(table: .shared, diagnostics: diagnostics)
        further.apply(environment, to: &tree)
        further.apply(overrides, to: &tree)

        if !tree.isNull { StructureCheck(table: .shared, diagnostics: diagnostics).check(tree) }
        let root = Section(
            context: .init(table: .shared, diagnostics: diagnostics, environment: environment),
            pattern: "", path: "", value: tree, location: tree.location
        )
        let configuration = Configuration(root)
        configuration.check(root)
        guard diagnostics.errors.isEmpty else { throw ConfigurationErrors(diagnostics) }
        return LoadedConfiguration(
            configuration: configuration, warnings: diagnostics.warnings, files: diagnostics.files)
    }
}

extension ConfigurationErrors {
    fileprivate init(_ diagnostics: Diagnostics) {
        self.init(errors: diagnostics.sortedErrors, files: diagnostics.files)
    }

    fileprivate init(_ message: String, in source: ConfigurationLocation.Source, _ files: FileStamps) {
        let location = ConfigurationLocation(source: source)
        self.init(errors: [ConfigurationError(location: location, key: "", message: message)], files: files)
    }
}
