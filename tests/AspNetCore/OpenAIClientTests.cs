using System.ClientModel;
using System.Text;
using GptGen.Features;
using GptGen.Generation;
using GptGen.Runtime.Tests;
using GptGen.Runtime.Tests.Text;
using GptGen.Text;
using OpenAI;
using OpenAI.Chat;
using Xunit;

namespace GptGen.AspNetCore.Tests;

/// <summary>OpenAI's own client for .NET finds what it expects.</summary>
public sealed class OpenAIClientTests
{
    private const string Question = "Q: Hi\nA:";

    private static OpenAIClient Client(TestServer server, string key = "secret") =>
        new(
            new ApiKeyCredential(key),
            new OpenAIClientOptions
            {
                Endpoint = new(server.Address, "v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0),
            });

    [Fact]
    public async Task ItStreamsChatWithLogProbabilities()
    {
        await using var server = await TestServer.StartAsync();
        var chat = Client(server).GetChatClient(nameof(ServedGpt));
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 20, Seed = 7, IncludeLogProbabilities = true, TopLogProbabilityCount = 3 };
        var (text, updates, scores) = (new StringBuilder(), 0, new List<ChatTokenLogProbabilityDetails>());
        ChatFinishReason? reason = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("Hi")], options))
        {
            foreach (var part in update.ContentUpdate)
                text.Append(part.Text);
            scores.AddRange(update.ContentTokenLogProbabilities);
            (reason, usage) = (update.FinishReason ?? reason, update.Usage ?? usage);
            updates++;
        }

        var generator = new TextGenerator(server.Gpt, ByteTokenizer.Instance);
        var expected = generator.Generate(Question, new()
        {
            Tokens = 20, LogProbabilities = true, Stop = ["\nQ:"], Sampling = new() { Seed = 7 },
        }).ToList();
        Assert.Equal(string.Concat(expected.Select(static piece => piece.Text)).TrimStart(), text.ToString());
        Assert.Equal((8, 20), (usage!.InputTokenCount, usage.OutputTokenCount));
        Assert.Equal(ChatFinishReason.Length, reason);
        Assert.True(updates > 5, "The answer did not come in pieces.");
        Assert.Equal(20, scores.Count);
        for (var token = 0; token < 20; token++)
        {
            Assert.Equal(expected[token].LogProbability!.Value, scores[token].LogProbability, 1e-3);
            Assert.Equal(ByteTokenizer.Instance.Bytes(expected[token].Token).ToArray(), scores[token].Utf8Bytes!.Value.ToArray());
            Assert.Equal(3, scores[token].TopLogProbabilities.Count);
        }

        var whole = await chat.CompleteChatAsync([new UserChatMessage("Hi")], options);
        Assert.Equal(text.ToString(), whole.Value.Content[0].Text);
        Assert.Equal(
            scores.Select(static score => score.LogProbability),
            whole.Value.ContentTokenLogProbabilities.Select(static score => score.LogProbability));
    }

    [Fact]
    public async Task ItListsModelsAndGetsEmbeddings()
    {
        await using var server = await TestServer.StartAsync();
        var models = await Client(server).GetOpenAIModelClient().GetModelsAsync();
        Assert.Equal([nameof(ServedGpt)], models.Value.Select(static model => model.Id));
        Assert.Equal(nameof(ServedGpt), (await Client(server).GetOpenAIModelClient().GetModelAsync(nameof(ServedGpt))).Value.Id);
        var embeddings = await Client(server).GetEmbeddingClient(nameof(ServedGpt)).GenerateEmbeddingsAsync(["gear", "wheel"]);
        var expected = server.Served.Features!.Compute(["gear", "wheel"]);
        Assert.Equal(expected.Select(static vector => vector.Values), embeddings.Value.Select(static item => item.ToFloats().ToArray()));
        Assert.Equal(9, embeddings.Value.Usage.InputTokenCount);
    }

    [Fact]
    public async Task ItGetsEmbeddingsOfAnEncoder()
    {
        using var folder = new TemporaryFolder();
        folder.Write("vocab.txt", SampleWordPieces.Lines);
        await using var server = await TestServer.StartEncoderAsync(folder.Path);
        var embedding = await Client(server).GetEmbeddingClient(nameof(ServedEncoder)).GenerateEmbeddingAsync("hello walked");
        Assert.Equal(server.Served.Features!.Compute(["hello walked"])[0].Values, embedding.Value.ToFloats().ToArray());
        var error = await Assert.ThrowsAsync<ClientResultException>(
            () => Client(server).GetChatClient(nameof(ServedEncoder)).CompleteChatAsync([new UserChatMessage("Hi")]));
        Assert.Contains("does not write text", error.Message);
    }

    [Fact]
    public async Task ItSaysWhatIsWrong()
    {
        await using var server = await TestServer.StartAsync(static options => options.ApiKey = "secret");
        Task Ask(string key, string model, ChatCompletionOptions? options = null) =>
            Client(server, key).GetChatClient(model).CompleteChatAsync([new UserChatMessage("Hi")], options);
        var wrongKey = await Assert.ThrowsAsync<ClientResultException>(() => Ask("other", nameof(ServedGpt)));
        Assert.Equal((401, true), (wrongKey.Status, wrongKey.Message.Contains("invalid_api_key")));
        var wrongModel = await Assert.ThrowsAsync<ClientResultException>(() => Ask("secret", "gpt-5"));
        Assert.Equal((404, true), (wrongModel.Status, wrongModel.Message.Contains("model_not_found")));
        var tooLong = await Assert.ThrowsAsync<ClientResultException>(() => Ask("secret", nameof(ServedGpt), new() { MaxOutputTokenCount = 60 }));
        Assert.Equal((400, true), (tooLong.Status, tooLong.Message.Contains("context_length_exceeded")));
        await Ask("secret", nameof(ServedGpt));
    }
}
