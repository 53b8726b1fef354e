using System.Text.Json.Serialization;

namespace GptGen.AspNetCore;

// The shapes of OpenAI's answers; names are written in snake case.
internal sealed record ErrorAnswer(ErrorBody Error);

internal sealed record ErrorBody(string Message, string Type, string? Param, string? Code);

internal sealed record ModelList(ModelAnswer[] Data, string Object = "list");

internal sealed record ModelAnswer(string Id, long Created, string Object = "model", string OwnedBy = "gptgen");

internal sealed record Usage(int PromptTokens, int CompletionTokens, int TotalTokens, PromptDetails PromptTokensDetails);

internal sealed record PromptDetails(int CachedTokens);

internal sealed record CompletionAnswer(string Id, long Created, string Model, CompletionChoice[] Choices, string Object = "text_completion")
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usage? Usage { get; init; }
}

internal sealed record CompletionChoice(string Text, int Index, CompletionScores? Logprobs, string? FinishReason);

internal sealed record CompletionScores(
    List<string> Tokens, List<double?> TokenLogprobs, List<Dictionary<string, double>?> TopLogprobs, List<int> TextOffset);

internal sealed record ChatAnswer(string Id, long Created, string Model, ChatChoice[] Choices, Usage Usage, string Object = "chat.completion");

internal sealed record ChatChoice(int Index, ChatText Message, ChatScores? Logprobs, string FinishReason);

internal sealed record ChatText(string Content, string Role = "assistant", string? Refusal = null);

internal sealed record ChatScores(List<ChatToken> Content, string? Refusal = null);

internal sealed record ChatToken(string Token, double Logprob, int[] Bytes, ChatAlternative[] TopLogprobs);

internal sealed record ChatAlternative(string Token, double Logprob, int[] Bytes);

internal sealed record ChatChunk(string Id, long Created, string Model, ChatChunkChoice[] Choices, string Object = "chat.completion.chunk")
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usage? Usage { get; init; }
}

internal sealed record ChatChunkChoice(int Index, ChatDelta Delta, ChatScores? Logprobs, string? FinishReason);

internal sealed record ChatDelta
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }
}

internal sealed record EmbeddingAnswer(EmbeddingItem[] Data, string Model, EmbeddingUsage Usage, string Object = "list");

/// <summary>An embedding: numbers or, in base64, their bytes.</summary>
internal sealed record EmbeddingItem(int Index, string Object = "embedding")
{
    [JsonPropertyName("embedding"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public object? Embedding { get; init; }
}

internal sealed record EmbeddingUsage(int PromptTokens, int TotalTokens);

internal sealed record TokenizeAnswer(int[] Tokens, int Count, int MaxModelLen);

internal sealed record DetokenizeAnswer(string Prompt);

internal sealed record TokenizerInfo(string? EosToken, string? BosToken, string? PadToken, string? ChatTemplate, int VocabSize, int MaxModelLen);

internal sealed record HealthAnswer(string Status, int Active, int Waiting);
