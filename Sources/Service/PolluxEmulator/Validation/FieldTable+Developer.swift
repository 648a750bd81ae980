extension FieldTable {
    /// The fields of the Gemini Developer API's requests.
    ///
    /// - Source: the published protocol of generativelanguage.googleapis.com, v1beta.
    static let developer = FieldTable(
        """
        GenerateContentRequest { cachedContent string, contents [Content],
            generationConfig GenerationConfig, model string, safetySettings [SafetySetting],
            serviceTier string, store bool, systemInstruction Content, toolConfig ToolConfig, tools [Tool] }
        CountTokensRequest { contents [Content], generateContentRequest GenerateContentRequest, model string }
        EmbedContentRequest { content Content, model string, outputDimensionality int32,
            taskType (TASK_TYPE_UNSPECIFIED|RETRIEVAL_QUERY|RETRIEVAL_DOCUMENT|SEMANTIC_SIMILARITY|
              CLASSIFICATION|CLUSTERING|QUESTION_ANSWERING|FACT_VERIFICATION|CODE_RETRIEVAL_QUERY), title string }
        BatchEmbedContentsRequest { model string, requests [EmbedContentRequest] }
        CachedContent { contents [Content], createTime string, displayName string, expireTime string,
            model string, name string, systemInstruction Content, toolConfig ToolConfig, tools [Tool],
            ttl string, updateTime string, usageMetadata struct } oneof(expireTime, ttl)
        Content { parts [Part], role string }
        GenerationConfig { candidateCount int32, enableEnhancedCivicAnswers bool, frequencyPenalty float,
            imageConfig ImageConfig, logprobs int32, maxOutputTokens int32,
            mediaResolution (MEDIA_RESOLUTION_UNSPECIFIED|MEDIA_RESOLUTION_LOW|MEDIA_RESOLUTION_MEDIUM|
              MEDIA_RESOLUTION_HIGH), presencePenalty float, responseJsonSchema any,
            responseJsonSchemaOrdered any, responseLogprobs bool, responseMimeType string,
            responseModalities [(MODALITY_UNSPECIFIED|TEXT|IMAGE|AUDIO)], responseSchema Schema, seed int32,
            speechConfig SpeechConfig, stopSequences [string], temperature float,
            thinkingConfig ThinkingConfig, topK int32, topP float, translationConfig struct }
        SafetySetting {
            category (HARM_CATEGORY_UNSPECIFIED|HARM_CATEGORY_DEROGATORY|HARM_CATEGORY_TOXICITY|
              HARM_CATEGORY_VIOLENCE|HARM_CATEGORY_SEXUAL|HARM_CATEGORY_MEDICAL|HARM_CATEGORY_DANGEROUS|
              HARM_CATEGORY_HARASSMENT|HARM_CATEGORY_HATE_SPEECH|HARM_CATEGORY_SEXUALLY_EXPLICIT|
              HARM_CATEGORY_DANGEROUS_CONTENT|HARM_CATEGORY_CIVIC_INTEGRITY),
            threshold (HARM_BLOCK_THRESHOLD_UNSPECIFIED|BLOCK_LOW_AND_ABOVE|BLOCK_MEDIUM_AND_ABOVE|
              BLOCK_ONLY_HIGH|BLOCK_NONE|OFF) }
        ToolConfig { functionCallingConfig FunctionCallingConfig, includeServerSideToolInvocations bool,
            retrievalConfig RetrievalConfig }
        Tool { codeExecution CodeExecution, computerUse ToolComputerUse, fileSearch FileSearch,
            functionDeclarations [FunctionDeclaration], googleMaps GoogleMaps,
            googleSearch ToolGoogleSearch, googleSearchRetrieval GoogleSearchRetrieval, mcpServers [struct],
            urlContext UrlContext }
        Part { audioTranscription struct, codeExecutionResult CodeExecutionResult,
            executableCode ExecutableCode, fileData FileData, functionCall FunctionCall,
            functionResponse FunctionResponse, inlineData Blob, mediaProcessing any,
            mediaResolution PartMediaResolution, partMetadata struct, text string, thought bool,
            thoughtSignature bytes, toolCall ToolCall, toolResponse ToolResponse,
            videoMetadata VideoMetadata } oneof(text, inlineData, functionCall, functionResponse, fileData,
              executableCode, codeExecutionResult, toolCall, toolResponse)
        ImageConfig { aspectRatio string, imageSize string }
        Schema { anyOf [Schema], default any, description string, enum [string], example any, format string,
            items Schema, maxItems int64, maxLength int64, maxProperties int64, maximum float,
            minItems int64, minLength int64, minProperties int64, minimum float, nullable bool,
            pattern string, properties <Schema>, propertyOrdering [string], required [string], title string,
            type (TYPE_UNSPECIFIED|STRING|NUMBER|INTEGER|BOOLEAN|ARRAY|OBJECT|NULL) }
        SpeechConfig { languageCode string, multiSpeakerVoiceConfig MultiSpeakerVoiceConfig,
            voiceConfig VoiceConfig }
        ThinkingConfig { includeThoughts bool, thinkingBudget int32,
            thinkingLevel (THINKING_LEVEL_UNSPECIFIED|LOW|MEDIUM|HIGH|MINIMAL) }
        FunctionCallingConfig { allowedFunctionNames [string],
            mode (MODE_UNSPECIFIED|AUTO|ANY|NONE|VALIDATED) }
        RetrievalConfig { languageCode string, latLng googletypeLatLng }
        CodeExecution { }
        ToolComputerUse { environment (ENVIRONMENT_UNSPECIFIED|ENVIRONMENT_BROWSER),
            excludedPredefinedFunctions [string] }
        FileSearch { fileSearchStoreNames [string], metadataFilter string,
            retrievalConfig FileSearchRetrievalConfig, retrievalResources [FileSearchRetrievalResource],
            topK int32 }
        FunctionDeclaration { behavior (UNSPECIFIED|BLOCKING|NON_BLOCKING), description string, name string,
            parameters Schema, parametersJsonSchema any, response Schema, responseJsonSchema any }
        GoogleMaps { enableWidget bool }
        ToolGoogleSearch { timeRangeFilter googletypeInterval }
        GoogleSearchRetrieval { dynamicRetrievalConfig DynamicRetrievalConfig }
        UrlContext { }
        CodeExecutionResult { id string,
            outcome (OUTCOME_UNSPECIFIED|OUTCOME_OK|OUTCOME_FAILED|OUTCOME_DEADLINE_EXCEEDED), output string }
        ExecutableCode { code string, id string, language (LANGUAGE_UNSPECIFIED|PYTHON) }
        FileData { fileUri string, mimeType string }
        FunctionCall { args struct, id string, name string }
        FunctionResponse { id string, name string, parts [FunctionResponsePart], response struct,
            scheduling (SCHEDULING_UNSPECIFIED|SILENT|WHEN_IDLE|INTERRUPT), willContinue bool }
        Blob { data bytes, mimeType string }
        PartMediaResolution {
            level (MEDIA_RESOLUTION_UNSPECIFIED|MEDIA_RESOLUTION_LOW|MEDIA_RESOLUTION_MEDIUM|
              MEDIA_RESOLUTION_HIGH|MEDIA_RESOLUTION_ULTRA_HIGH) }
        ToolCall { args struct, id string, toolType string }
        ToolResponse { id string, response struct, toolType string }
        VideoMetadata { endOffset string, fps float, startOffset string }
        MultiSpeakerVoiceConfig { speakerVoiceConfigs [SpeakerVoiceConfig] }
        VoiceConfig { prebuiltVoiceConfig PrebuiltVoiceConfig }
        googletypeLatLng { latitude float, longitude float }
        FileSearchRetrievalConfig { metadataFilter string, topK int32 }
        FileSearchRetrievalResource { ragStoreName string }
        googletypeInterval { endTime string, startTime string }
        DynamicRetrievalConfig { dynamicThreshold float, mode (MODE_UNSPECIFIED|MODE_DYNAMIC) }
        FunctionResponsePart { fileData FileData, inlineData FunctionResponseBlob }
        SpeakerVoiceConfig { speaker string, voiceConfig VoiceConfig }
        PrebuiltVoiceConfig { voiceName string }
        FunctionResponseBlob { data bytes, mimeType string }
        """
    )
}
