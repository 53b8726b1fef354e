using System.Text.Json;

namespace GptGen.AspNetCore;

// The shapes of OpenAI's requests. What is not named here is ignored, as OpenAI's servers do with what a model does not know.
internal record SamplingRequest
{
    public string? Model { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? N { get; init; }

    public JsonElement? Stop { get; init; }

    public long? Seed { get; init; }

    public bool? Stream { get; init; }

    public StreamOptions? StreamOptions { get; init; }

    public int? MaxTokens { get; init; }

    public float? FrequencyPenalty { get; init; }

    public float? PresencePenalty { get; init; }

    public Dictionary<string, JsonElement>? LogitBias { get; init; }

    // What other servers have too.
    public int? TopK { get; init; }

    public float? MinP { get; init; }

    public float? RepetitionPenalty { get; init; }

    public bool? IgnoreEos { get; init; }

    public int[]? StopTokenIds { get; init; }
}

internal sealed record StreamOptions
{
    public bool? IncludeUsage { get; init; }
}

internal sealed record CompletionRequest : SamplingRequest
{
    public JsonElement? Prompt { get; init; }

    public int? BestOf { get; init; }

    public bool? Echo { get; init; }

    public int? Logprobs { get; init; }

    public string? Suffix { get; init; }
}

internal sealed record ChatRequest : SamplingRequest
{
    public ChatRequestMessage[]? Messages { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public bool? Logprobs { get; init; }

    public int? TopLogprobs { get; init; }

    public JsonElement? Tools { get; init; }

    public ResponseFormat? ResponseFormat { get; init; }
}

internal sealed record ChatRequestMessage
{
    public string? Role { get; init; }

    public JsonElement? Content { get; init; }

    public JsonElement? ToolCalls { get; init; }
}

internal sealed record ResponseFormat
{
    public string? Type { get; init; }
}

internal sealed record EmbeddingRequest
{
    public string? Model { get; init; }

    public JsonElement? Input { get; init; }

    public string? EncodingFormat { get; init; }

    public int? Dimensions { get; init; }
}

internal sealed record TokenizeRequest
{
    public string? Prompt { get; init; }

    public bool? AddSpecialTokens { get; init; }
}

internal sealed record DetokenizeRequest
{
    public int[]? Tokens { get; init; }
}
