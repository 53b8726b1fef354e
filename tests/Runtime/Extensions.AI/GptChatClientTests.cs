using GptGen.Extensions.AI;
using GptGen.Generation;
using GptGen.Runtime.Tests.Models;
using GptGen.Sampling;
using GptGen.Text;
using Microsoft.Extensions.AI;
using Xunit;

namespace GptGen.Runtime.Tests.Extensions.AI;

public sealed class GptChatClientTests : IDisposable
{
    private static readonly GenerationOptions s_greedy = new() { Tokens = 30, Sampling = SamplingOptions.Greedy };
    private readonly CpuDevice device = new(2);
    private readonly Gpt2Tiny model;
    private readonly TextGenerator generator;

    public GptChatClientTests()
    {
        model = Gpt2Tiny.Create(device);
        model.Initialize(seed: 3);
        var weights = new float[model.Parameters.Elements];
        model.Parameters.Read(0, weights);
        model.Parameters.Write(0, Array.ConvertAll(weights, static weight => 5 * weight));
        generator = new(model, ByteTokenizer.Instance);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void TemplatesToTheLetter()
    {
        ChatMessage[] messages = [
            new(ChatRole.System, "Be brief. "), new(ChatRole.User, "Hi"), new(ChatRole.Assistant, "Hello"), new(ChatRole.User, "Who?")];
        Assert.Equal("Be brief.\nQ: Hi\nA: Hello\nQ: Who?\nA:", ChatTemplate.QuestionAnswer.Format(messages));
        Assert.Equal("Be brief. HiHelloWho?", ChatTemplate.Completion.Format(messages));
    }

    [Fact]
    public async Task AnAnswerContinuesThePrompt()
    {
        using var client = new GptChatClient(generator, defaults: s_greedy);
        var expected = Write("Q: Hi\nA:", s_greedy with { Stop = ["\nQ:"] }).TrimStart();
        var response = await client.GetResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.Text);
        Assert.Equal((8, 30, 38), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount));
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(nameof(Gpt2Tiny), response.ModelId);
        Assert.Equal(0, response.Usage.AdditionalCounts![GptChatClient.CutTokensKey]);

        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("Hi", cancellationToken: TestContext.Current.CancellationToken))
            updates.Add(update);
        Assert.Equal(expected, string.Concat(updates.Select(static update => update.Text)));
        Assert.True(updates.Count > 5, "The answer did not come in pieces.");
    }

    [Fact]
    public async Task OptionsCount()
    {
        using var client = new GptChatClient(generator, ChatTemplate.Completion);
        var options = new ChatOptions { Temperature = 0.9f, TopK = 20, TopP = 0.8f, Seed = 7, MaxOutputTokens = 25 };
        var expected = Write("Hi", new() { Tokens = 25, Sampling = new() { Temperature = 0.9f, TopK = 20, TopP = 0.8f, Seed = 7 } });
        Assert.Equal(expected, (await client.GetResponseAsync("Hi", options, TestContext.Current.CancellationToken)).Text);

        options.StopSequences = [expected[6..8]];
        var stopped = await client.GetResponseAsync("Hi", options, TestContext.Current.CancellationToken);
        Assert.Equal(expected[..expected.IndexOf(expected[6..8], StringComparison.Ordinal)], stopped.Text);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
        Assert.InRange(stopped.Usage!.OutputTokenCount!.Value, 1, 24);
    }

    [Fact]
    public async Task AConversationThatIsTooLongLosesItsBeginning()
    {
        using var client = new GptChatClient(generator, ChatTemplate.Completion, s_greedy);
        var response = await client.GetResponseAsync(new string('a', 90) + "bcd", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(93 - 34, response.Usage!.AdditionalCounts![GptChatClient.CutTokensKey]);
        Assert.Equal(Write(new string('a', 31) + "bcd", s_greedy), response.Text);
    }

    [Fact]
    public async Task WhatATextModelHasNotIsRefused()
    {
        using var client = new GptChatClient(generator);
        Task Ask(ChatOptions options) => client.GetResponseAsync("Hi", options, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<NotSupportedException>(() => Ask(new() { ResponseFormat = ChatResponseFormat.Json }));
        await Assert.ThrowsAsync<NotSupportedException>(() => Ask(new() { PresencePenalty = 1 }));
        await Assert.ThrowsAsync<NotSupportedException>(() => Ask(new() { Tools = [AIFunctionFactory.Create(() => 1)] }));
        await Assert.ThrowsAsync<NotSupportedException>(
            () => client.GetResponseAsync([new(ChatRole.User, [new DataContent(new byte[1], "image/png")])]));
        await Assert.ThrowsAsync<GptGenException>(() => Ask(new() { TopP = 2 }));
    }

    [Fact]
    public async Task ACancelledAnswerEnds()
    {
        using var client = new GptChatClient(generator);
        using var cancellation = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync("Hi", new() { MaxOutputTokens = 100_000 }, cancellation.Token))
                await cancellation.CancelAsync();
        });
    }

    [Fact]
    public async Task OnlyWhatIsNewInAConversationIsRead()
    {
        using var engine = new GptGen.Serving.GenerationEngine(model, ByteTokenizer.Instance, new() { Slots = 3 });
        using var client = new GptChatClient(engine, ChatTemplate.Completion, new() { Tokens = 8, Sampling = SamplingOptions.Greedy });
        var said = new List<ChatMessage> { new(ChatRole.User, "abcdef") };
        for (var (turn, known) = (0, 0L); turn < 3; turn++)
        {
            var response = await client.GetResponseAsync(said, cancellationToken: TestContext.Current.CancellationToken);
            // The answer's bytes are not always text, whose tokens then differ; the conversation before it is known in any case.
            Assert.InRange(response.Usage!.CachedInputTokenCount!.Value, known, response.Usage.InputTokenCount!.Value - 2);
            known = response.Usage.InputTokenCount.Value;
            said.AddRange([new(ChatRole.Assistant, response.Text), new(ChatRole.User, "xy")]);
        }
    }

    [Fact]
    public async Task ManyConversationsAtOnceHaveTheAnswersOfEachAlone()
    {
        using var client = new GptChatClient(generator, defaults: new() { Tokens = 12 });
        Task<ChatResponse> Ask(int index) => client.GetResponseAsync($"Question {index}", new() { Seed = index });
        var together = await Task.WhenAll(Enumerable.Range(0, 12).Select(Ask));
        for (var index = 0; index < 12; index++)
            Assert.Equal((await Ask(index)).Text, together[index].Text);
    }

    [Fact]
    public async Task EmbeddingsAreTheFeatures()
    {
        var features = new GptGen.Features.TextFeatures(model, ByteTokenizer.Instance);
        using var embeddings = new GptEmbeddingGenerator(features);
        var generated = await embeddings.GenerateAsync(["gear", "wheel"], cancellationToken: TestContext.Current.CancellationToken);
        var expected = features.Compute(["gear", "wheel"], TestContext.Current.CancellationToken);
        Assert.Equal(expected.Select(static vector => vector.Values), generated.Select(static embedding => embedding.Vector.ToArray()));
        Assert.Equal(9, generated.Usage!.InputTokenCount);
        await Assert.ThrowsAsync<NotSupportedException>(() => embeddings.GenerateAsync(["a"], new() { Dimensions = 7 }));
        Assert.Equal(32, ((EmbeddingGeneratorMetadata)embeddings.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelDimensions);
        Assert.Same(embeddings, embeddings.GetService(typeof(IEmbeddingGenerator<string, Embedding<float>>)));
    }

    private string Write(string prompt, GenerationOptions options) =>
        string.Concat(generator.Generate(prompt, options, TestContext.Current.CancellationToken).Select(static piece => piece.Text));
}
