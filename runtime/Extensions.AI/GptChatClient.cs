using System.Runtime.CompilerServices;
using GptGen.Generation;
using GptGen.Sampling;
using Microsoft.Extensions.AI;

namespace GptGen.Extensions.AI;

/// <summary>
/// A model as a chat client. Any number of calls may run at once; none disposes of the model. A conversation that is too long for the context loses
/// the tokens at its beginning, and <see cref="CutTokensKey"/> among the usage's additional counts says how many.
/// </summary>
/// <param name="generator">Model and tokenizer.</param>
/// <param name="template">How a conversation becomes a prompt; <see cref="ChatTemplate.QuestionAnswer"/> when null.</param>
/// <param name="defaults">How text is written where the caller's options say nothing.</param>
public sealed class GptChatClient(TextGenerator generator, ChatTemplate? template = null, GenerationOptions? defaults = null) : IChatClient
{
    /// <summary>The additional count of a response's usage that says how many tokens of the conversation had no room.</summary>
    public const string CutTokensKey = "cut_tokens";

    private readonly ChatTemplate template = template ?? ChatTemplate.QuestionAnswer;
    private readonly ChatClientMetadata metadata = new("gptgen", defaultModelId: generator.Model.Description.Name);

    /// <summary>The whole answer.</summary>
    /// <inheritdoc cref="GetStreamingResponseAsync"/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>The answer as it appears; the last update has the reason of its end and the numbers of tokens.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Tokens, temperature, top-k, top-p, seed and stop strings count; what a text model has not is refused.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <exception cref="GptGenException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">A message holds something else than text, or an option asks for what a text model has not.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var generation = Translate(options);
        generation.Validate();
        var prompt = FittedPrompt.Cut(
            generator.Tokenizer, template.Format(Collect(messages, options)), "", FittedPrompt.Room(generator.Model.Description, generation.Tokens));
        var response = Guid.NewGuid().ToString("N");
        var (tokens, started) = (0, !template.TrimsStart);
        using var pieces = generator.Generate(prompt.Tokens, generation, cancellationToken).GetEnumerator();
        while (await Task.Run(pieces.MoveNext, cancellationToken).ConfigureAwait(false))
        {
            tokens++;
            var text = started ? pieces.Current.Text : pieces.Current.Text.TrimStart();
            if (text.Length == 0)
                continue;
            started = true;
            yield return Update([new TextContent(text)]);
        }

        var end = Update([new UsageContent(new()
        {
            InputTokenCount = prompt.Tokens.Length,
            OutputTokenCount = tokens,
            TotalTokenCount = prompt.Tokens.Length + tokens,
            AdditionalCounts = new() { [CutTokensKey] = prompt.CutTokens },
        })]);
        end.FinishReason = tokens < generation.Tokens ? ChatFinishReason.Stop : ChatFinishReason.Length;
        yield return end;

        ChatResponseUpdate Update(IList<AIContent> contents) => new(ChatRole.Assistant, contents)
        {
            ResponseId = response,
            MessageId = response,
            ModelId = metadata.DefaultModelId,
            CreatedAt = DateTimeOffset.UtcNow,
        };
    }

    /// <summary>The client, its text generator, or its metadata.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? metadata
        : serviceType == typeof(TextGenerator) ? generator
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>Does nothing: the model belongs to whoever created it.</summary>
    public void Dispose()
    {
    }

    private static List<ChatMessage> Collect(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var all = messages.ToList();
        if (options?.Instructions is { Length: > 0 } instructions)
            all.Insert(0, new(ChatRole.System, instructions));
        return all.SelectMany(static message => message.Contents).FirstOrDefault(static content => content is not TextContent) is { } other
            ? throw new NotSupportedException($"A message holds {other.GetType().Name}, but the model reads text only: leave it out.")
            : all;
    }

    private GenerationOptions Translate(ChatOptions? options)
    {
        var start = defaults ?? new();
        Refuse(options?.Tools is { Count: > 0 }, "tools");
        Refuse(options?.ResponseFormat is ChatResponseFormatJson, "a response in JSON");
        Refuse(options?.FrequencyPenalty is not (null or 0), "a frequency penalty");
        Refuse(options?.PresencePenalty is not (null or 0), "a presence penalty");
        return start with
        {
            Samples = 1,
            Tokens = options?.MaxOutputTokens ?? start.Tokens,
            Stop = [.. start.Stop, .. template.Stop, .. options?.StopSequences ?? []],
            Sampling = start.Sampling with
            {
                Temperature = options?.Temperature ?? start.Sampling.Temperature,
                TopK = options?.TopK ?? start.Sampling.TopK,
                TopP = options?.TopP ?? start.Sampling.TopP,
                Seed = options?.Seed is { } seed ? unchecked((uint)seed) : start.Sampling.Seed,
            },
        };
    }

    private static void Refuse(bool isAsked, string what)
    {
        if (isAsked)
            throw new NotSupportedException($"The options ask for {what}, which a model that continues text has not: leave it out.");
    }
}
