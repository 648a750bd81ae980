extension FieldTable {
    /// The fields of Vertex AI's requests; `@beta` marks those of `v1beta1` only.
    ///
    /// - Source: the discovery documents of aiplatform.googleapis.com, v1 and v1beta1.
    static let vertex = FieldTable(
        """
        GenerateContentRequest { cachedContent string, contents [Content], continuationToken bytes,
            generationConfig GenerationConfig, labels <string>, modelArmorConfig ModelArmorConfig,
            outputConfig GenerateContentRequestOutputConfig, safetySettings [SafetySetting],
            systemInstruction Content, toolConfig ToolConfig, tools [Tool] }
        CountTokensRequest { contents [Content], generationConfig GenerationConfig, instances [any],
            model string, systemInstruction Content, tools [Tool] }
        EmbedContentRequest { autoTruncate bool, content Content,
            embedContentConfig EmbedContentRequestEmbedContentConfig, model string, outputDimensionality int32,
            taskType (UNSPECIFIED|RETRIEVAL_QUERY|RETRIEVAL_DOCUMENT|SEMANTIC_SIMILARITY|
              CLASSIFICATION|CLUSTERING|QUESTION_ANSWERING|FACT_VERIFICATION|CODE_RETRIEVAL_QUERY), title string }
        EmbedContentRequestEmbedContentConfig { audioTrackExtraction bool, autoTruncate bool, documentOcr bool,
            outputDimensionality int32, taskType (UNSPECIFIED|RETRIEVAL_QUERY|RETRIEVAL_DOCUMENT|SEMANTIC_SIMILARITY|
              CLASSIFICATION|CLUSTERING|QUESTION_ANSWERING|FACT_VERIFICATION|CODE_RETRIEVAL_QUERY), title string }
        BatchEmbedContentsRequest { requests [EmbedContentRequest] }
        PredictRequest { instances [any], labels <string>, parameters any }
        CachedContent { contents [Content], createTime string, displayName string,
            encryptionSpec EncryptionSpec, expireTime string, model string, name string,
            systemInstruction Content, toolConfig ToolConfig, tools [Tool], ttl string, updateTime string,
            usageMetadata struct }
        EncryptionSpec { kmsKeyName string }
        Content { parts [Part], role string }
        GenerationConfig { audioTimestamp bool, audioTranscriptionConfig AudioTranscriptionConfig,
            candidateCount int32, enableAffectiveDialog bool, frequencyPenalty float,
            imageConfig ImageConfig, logprobs int32, maxOutputTokens int32,
            mediaResolution (MEDIA_RESOLUTION_UNSPECIFIED|MEDIA_RESOLUTION_LOW|MEDIA_RESOLUTION_MEDIUM|
              MEDIA_RESOLUTION_HIGH), modelConfig GenerationConfigModelConfig @beta, presencePenalty float,
            responseFormat [ResponseFormat], responseJsonSchema any, responseLogprobs bool,
            responseMimeType string, responseModalities [(MODALITY_UNSPECIFIED|TEXT|IMAGE|AUDIO|VIDEO)],
            responseSchema Schema, routingConfig GenerationConfigRoutingConfig, seed int32,
            speechConfig SpeechConfig, stopSequences [string], temperature float,
            thinkingConfig GenerationConfigThinkingConfig, topK float, topP float,
            translationConfig TranslationConfig }
        ModelArmorConfig { promptTemplateName string, responseTemplateName string }
        GenerateContentRequestOutputConfig { outputUriPrefix string }
        SafetySetting {
            category (HARM_CATEGORY_UNSPECIFIED|HARM_CATEGORY_HATE_SPEECH|HARM_CATEGORY_DANGEROUS_CONTENT|
              HARM_CATEGORY_HARASSMENT|HARM_CATEGORY_SEXUALLY_EXPLICIT|HARM_CATEGORY_CIVIC_INTEGRITY|
              HARM_CATEGORY_IMAGE_HATE|HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT|
              HARM_CATEGORY_IMAGE_HARASSMENT|HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT|
              HARM_CATEGORY_JAILBREAK), method (HARM_BLOCK_METHOD_UNSPECIFIED|SEVERITY|PROBABILITY),
            threshold (HARM_BLOCK_THRESHOLD_UNSPECIFIED|BLOCK_LOW_AND_ABOVE|BLOCK_MEDIUM_AND_ABOVE|
              BLOCK_ONLY_HIGH|BLOCK_NONE|OFF) }
        ToolConfig { functionCallingConfig FunctionCallingConfig, retrievalConfig RetrievalConfig }
        Tool { codeExecution ToolCodeExecution, computerUse ToolComputerUse,
            enterpriseWebSearch EnterpriseWebSearch, exaAiSearch ToolExaAiSearch,
            functionDeclarations [FunctionDeclaration], googleMaps GoogleMaps,
            googleSearch ToolGoogleSearch, googleSearchRetrieval GoogleSearchRetrieval,
            parallelAiSearch ToolParallelAiSearch, retrieval Retrieval, urlContext UrlContext }
        Part { audioTranscription AudioTranscription, codeExecutionResult CodeExecutionResult,
            executableCode ExecutableCode, fileData FileData, functionCall FunctionCall,
            functionResponse FunctionResponse, inlineData Blob,
            mediaProcessing (MEDIA_PROCESSING_UNSPECIFIED|STATIC|AGENTIC) @beta,
            mediaResolution PartMediaResolution, speechMetadata SpeechMetadata, text string, thought bool,
            thoughtSignature bytes, videoMetadata VideoMetadata } oneof(text, inlineData, fileData,
              functionCall, functionResponse, executableCode, codeExecutionResult)
        AudioTranscriptionConfig { adaptationPhrases [string], customVocabulary [string], diarization bool,
            languageAuto AudioTranscriptionConfigLanguageAuto, languageCodes [string],
            languageHints AudioTranscriptionConfigLanguageHints, mode (MODE_UNSPECIFIED|VERBATIM|SMART),
            sourceText string, wordTimestamp bool }
        ImageConfig { aspectRatio string, imageOutputOptions ImageConfigImageOutputOptions,
            imageSize string,
            personGeneration (PERSON_GENERATION_UNSPECIFIED|ALLOW_ALL|ALLOW_ADULT|ALLOW_NONE),
            prominentPeople (PROMINENT_PEOPLE_UNSPECIFIED|ALLOW_PROMINENT_PEOPLE|BLOCK_PROMINENT_PEOPLE) }
        GenerationConfigModelConfig {
            featureSelectionPreference (FEATURE_SELECTION_PREFERENCE_UNSPECIFIED|PRIORITIZE_QUALITY|
              BALANCED|PRIORITIZE_COST) @beta }
        ResponseFormat { audio AudioResponseFormat, image ImageResponseFormat, text TextResponseFormat,
            video VideoResponseFormat }
        Schema { additionalProperties any, anyOf [Schema], default any, defs <Schema>, description string,
            enum [string], example any, format string, items Schema, maxItems int64, maxLength int64,
            maxProperties int64, maximum float, minItems int64, minLength int64, minProperties int64,
            minimum float, nullable bool, pattern string, properties <Schema>, propertyOrdering [string],
            ref string, required [string], title string,
            type (TYPE_UNSPECIFIED|STRING|NUMBER|INTEGER|BOOLEAN|ARRAY|OBJECT|NULL) }
        GenerationConfigRoutingConfig { autoMode GenerationConfigRoutingConfigAutoRoutingMode,
            manualMode GenerationConfigRoutingConfigManualRoutingMode }
        SpeechConfig { languageCode string, multiSpeakerVoiceConfig MultiSpeakerVoiceConfig,
            voiceConfig VoiceConfig }
        GenerationConfigThinkingConfig { includeThoughts bool, thinkingBudget int32,
            thinkingLevel (THINKING_LEVEL_UNSPECIFIED|LOW|MEDIUM|HIGH|MINIMAL) }
        TranslationConfig { echoTargetLanguage bool, targetLanguageCode string }
        FunctionCallingConfig { allowedFunctionNames [string],
            mode (MODE_UNSPECIFIED|AUTO|ANY|NONE|VALIDATED), streamFunctionCallArguments bool }
        RetrievalConfig { languageCode string, latLng GoogleTypeLatLng }
        ToolCodeExecution { }
        ToolComputerUse {
            disabledSafetyPolicies [(SAFETY_POLICY_UNSPECIFIED|FINANCIAL_TRANSACTIONS|
              SENSITIVE_DATA_MODIFICATION|COMMUNICATION_TOOL|ACCOUNT_CREATION|DATA_MODIFICATION|
              USER_CONSENT_MANAGEMENT|LEGAL_TERMS_AND_AGREEMENTS)], enablePromptInjectionDetection bool,
            environment (ENVIRONMENT_UNSPECIFIED|ENVIRONMENT_BROWSER|ENVIRONMENT_MOBILE|
              ENVIRONMENT_DESKTOP), excludedPredefinedFunctions [string] }
        EnterpriseWebSearch {
            blockingConfidence (PHISH_BLOCK_THRESHOLD_UNSPECIFIED|BLOCK_LOW_AND_ABOVE|
              BLOCK_MEDIUM_AND_ABOVE|BLOCK_HIGH_AND_ABOVE|BLOCK_HIGHER_AND_ABOVE|BLOCK_VERY_HIGH_AND_ABOVE|
              BLOCK_ONLY_EXTREMELY_HIGH), excludeDomains [string] }
        ToolExaAiSearch { apiKey string, customConfigs struct }
        FunctionDeclaration { behavior (UNSPECIFIED|BLOCKING|NON_BLOCKING), description string, name string,
            parameters Schema, parametersJsonSchema any, response Schema, responseJsonSchema any }
        GoogleMaps { enableWidget bool, groundingTypes GoogleMapsGroundingTypes }
        ToolGoogleSearch {
            blockingConfidence (PHISH_BLOCK_THRESHOLD_UNSPECIFIED|BLOCK_LOW_AND_ABOVE|
              BLOCK_MEDIUM_AND_ABOVE|BLOCK_HIGH_AND_ABOVE|BLOCK_HIGHER_AND_ABOVE|BLOCK_VERY_HIGH_AND_ABOVE|
              BLOCK_ONLY_EXTREMELY_HIGH), excludeDomains [string], searchTypes ToolGoogleSearchSearchTypes }
        GoogleSearchRetrieval { dynamicRetrievalConfig DynamicRetrievalConfig }
        ToolParallelAiSearch { apiKey string, customConfigs struct, enableDataRetention bool,
            enableZeroDataRetention bool }
        Retrieval { disableAttribution bool, externalApi ExternalApi, vertexAiSearch VertexAISearch,
            vertexRagStore VertexRagStore }
        UrlContext { }
        AudioTranscription { speakerLabel string, text string, words [AudioTranscriptionWordInfo] }
        CodeExecutionResult { id string,
            outcome (OUTCOME_UNSPECIFIED|OUTCOME_OK|OUTCOME_FAILED|OUTCOME_DEADLINE_EXCEEDED), output string }
        ExecutableCode { code string, id string, language (LANGUAGE_UNSPECIFIED|PYTHON) }
        FileData { displayName string, fileUri string, mimeType string }
        FunctionCall { args struct, id string, name string, partialArgs [PartialArg], willContinue bool }
        FunctionResponse { id string, name string, parts [FunctionResponsePart], response struct,
            scheduling (SCHEDULING_UNSPECIFIED|SILENT|WHEN_IDLE|INTERRUPT) }
        Blob { data bytes, displayName string, mimeType string }
        PartMediaResolution {
            level (MEDIA_RESOLUTION_UNSPECIFIED|MEDIA_RESOLUTION_LOW|MEDIA_RESOLUTION_MEDIUM|
              MEDIA_RESOLUTION_HIGH|MEDIA_RESOLUTION_ULTRA_HIGH) }
        SpeechMetadata { speaker string, style string }
        VideoMetadata { endOffset string, fps float, startOffset string }
        AudioTranscriptionConfigLanguageAuto { }
        AudioTranscriptionConfigLanguageHints { languageCodes [string] }
        ImageConfigImageOutputOptions { compressionQuality int32, mimeType string }
        AudioResponseFormat { bitRate int32, delivery (DELIVERY_UNSPECIFIED|INLINE|URI),
            mimeType (MIME_TYPE_UNSPECIFIED|AUDIO_MP3|AUDIO_OGG_OPUS|AUDIO_L16|AUDIO_WAV|AUDIO_ALAW|
              AUDIO_MULAW), sampleRate int32 }
        ImageResponseFormat {
            aspectRatio (ASPECT_RATIO_UNSPECIFIED|ASPECT_RATIO_ONE_BY_ONE|ASPECT_RATIO_TWO_BY_THREE|
              ASPECT_RATIO_THREE_BY_TWO|ASPECT_RATIO_THREE_BY_FOUR|ASPECT_RATIO_FOUR_BY_THREE|
              ASPECT_RATIO_FOUR_BY_FIVE|ASPECT_RATIO_FIVE_BY_FOUR|ASPECT_RATIO_NINE_BY_SIXTEEN|
              ASPECT_RATIO_SIXTEEN_BY_NINE|ASPECT_RATIO_TWENTY_ONE_BY_NINE|ASPECT_RATIO_ONE_BY_EIGHT|
              ASPECT_RATIO_EIGHT_BY_ONE|ASPECT_RATIO_ONE_BY_FOUR|ASPECT_RATIO_FOUR_BY_ONE),
            delivery (DELIVERY_UNSPECIFIED|INLINE|URI),
            imageSize (IMAGE_SIZE_UNSPECIFIED|IMAGE_SIZE_FIVE_TWELVE|IMAGE_SIZE_ONE_K|IMAGE_SIZE_TWO_K|
              IMAGE_SIZE_FOUR_K), mimeType (MIME_TYPE_UNSPECIFIED|IMAGE_JPEG) }
        TextResponseFormat { mimeType (MIME_TYPE_UNSPECIFIED|APPLICATION_JSON|TEXT_PLAIN), schema any }
        VideoResponseFormat {
            aspectRatio (ASPECT_RATIO_UNSPECIFIED|ASPECT_RATIO_SIXTEEN_BY_NINE|
              ASPECT_RATIO_NINE_BY_SIXTEEN), delivery (DELIVERY_UNSPECIFIED|INLINE|URI), duration string,
            gcsUri string, resolution string }
        GenerationConfigRoutingConfigAutoRoutingMode {
            modelRoutingPreference (UNKNOWN|PRIORITIZE_QUALITY|BALANCED|PRIORITIZE_COST) }
        GenerationConfigRoutingConfigManualRoutingMode { modelName string }
        MultiSpeakerVoiceConfig { speakerVoiceConfigs [SpeakerVoiceConfig] }
        VoiceConfig { prebuiltVoiceConfig PrebuiltVoiceConfig, replicatedVoiceConfig ReplicatedVoiceConfig,
            voice string }
        GoogleTypeLatLng { latitude float, longitude float }
        GoogleMapsGroundingTypes { places GoogleMapsPlaces, routing GoogleMapsRouting }
        ToolGoogleSearchSearchTypes { imageSearch ToolGoogleSearchImageSearch,
            webSearch ToolGoogleSearchWebSearch }
        DynamicRetrievalConfig { dynamicThreshold float, mode (MODE_UNSPECIFIED|MODE_DYNAMIC) }
        ExternalApi { apiAuth ApiAuth, apiSpec (API_SPEC_UNSPECIFIED|SIMPLE_SEARCH|ELASTIC_SEARCH),
            authConfig AuthConfig, elasticSearchParams ExternalApiElasticSearchParams, endpoint string,
            simpleSearchParams ExternalApiSimpleSearchParams }
        VertexAISearch { dataStoreSpecs [VertexAISearchDataStoreSpec], datastore string, engine string,
            filter string, maxResults int32 }
        VertexRagStore { ragCorpora [string] @beta, ragResources [VertexRagStoreRagResource],
            ragRetrievalConfig RagRetrievalConfig, similarityTopK int32, storeContext bool @beta,
            vectorDistanceThreshold float }
        AudioTranscriptionWordInfo { endOffset string, startOffset string, word string }
        PartialArg { boolValue bool, jsonPath string, nullValue (NULL_VALUE), numberValue float,
            stringValue string, willContinue bool }
        FunctionResponsePart { fileData FunctionResponseFileData, inlineData FunctionResponseBlob }
              oneof(inlineData, fileData)
        SpeakerVoiceConfig { speaker string, voiceConfig VoiceConfig }
        PrebuiltVoiceConfig { voiceName string }
        ReplicatedVoiceConfig { mimeType string, voiceSampleAudio bytes }
        GoogleMapsPlaces { }
        GoogleMapsRouting { }
        ToolGoogleSearchImageSearch { }
        ToolGoogleSearchWebSearch { }
        ApiAuth { apiKeyConfig ApiAuthApiKeyConfig }
        AuthConfig { apiKeyConfig AuthConfigApiKeyConfig,
            authType (AUTH_TYPE_UNSPECIFIED|NO_AUTH|API_KEY_AUTH|HTTP_BASIC_AUTH|
              GOOGLE_SERVICE_ACCOUNT_AUTH|OAUTH|OIDC_AUTH),
            googleServiceAccountConfig AuthConfigGoogleServiceAccountConfig,
            httpBasicAuthConfig AuthConfigHttpBasicAuthConfig, oauthConfig AuthConfigOauthConfig,
            oidcConfig AuthConfigOidcConfig }
        ExternalApiElasticSearchParams { index string, numHits int32, searchTemplate string }
        ExternalApiSimpleSearchParams { }
        VertexAISearchDataStoreSpec { dataStore string, filter string }
        VertexRagStoreRagResource { ragCorpus string, ragFileIds [string] }
        RagRetrievalConfig { filter RagRetrievalConfigFilter,
            hybridSearch RagRetrievalConfigHybridSearch @beta, ranking RagRetrievalConfigRanking, topK int32 }
        FunctionResponseFileData { displayName string, fileUri string, mimeType string }
        FunctionResponseBlob { data bytes, displayName string, mimeType string }
        ApiAuthApiKeyConfig { apiKeySecretVersion string, apiKeyString string }
        AuthConfigApiKeyConfig { apiKeySecret string, apiKeyString string,
            httpElementLocation (HTTP_IN_UNSPECIFIED|HTTP_IN_QUERY|HTTP_IN_HEADER|HTTP_IN_PATH|
              HTTP_IN_BODY|HTTP_IN_COOKIE), name string }
        AuthConfigGoogleServiceAccountConfig { serviceAccount string }
        AuthConfigHttpBasicAuthConfig { credentialSecret string }
        AuthConfigOauthConfig { accessToken string, serviceAccount string }
        AuthConfigOidcConfig { idToken string, serviceAccount string }
        RagRetrievalConfigFilter { metadataFilter string, vectorDistanceThreshold float,
            vectorSimilarityThreshold float }
        RagRetrievalConfigHybridSearch { alpha float @beta }
        RagRetrievalConfigRanking { llmRanker RagRetrievalConfigRankingLlmRanker,
            rankService RagRetrievalConfigRankingRankService }
        RagRetrievalConfigRankingLlmRanker { modelName string }
        RagRetrievalConfigRankingRankService { modelName string }
        """
    )
}
