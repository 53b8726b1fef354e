using Xunit;

namespace GptGen.AspNetCore.Tests.Playground;

/// <summary>The page, as a person uses it.</summary>
[Collection(Browser.Collection)]
public sealed class PlaygroundTests(Browser browser)
{
    private const string Tokens = "document.querySelectorAll('.token:not(.prompt)').length";

    [Fact]
    public async Task ATextStreamsInUntilItIsStoppedAndItsSlotIsFree()
    {
        await using var server = await TestServer.StartEndlessAsync(static options => options.HasPlayground = true);
        await using var page = await browser.OpenAsync(server);
        Assert.Equal($"{nameof(ServedReader)} – GptGen playground", await page.Page.GetTitleAsync());
        await page.SetAsync("max_tokens", "1000000");
        await page.SetAsync("temperature", "0");
        await page.TypeAsync("Hello?");
        await page.PressAsync("Enter");
        await page.UntilAsync($"{Tokens} > 5");
        var before = await page.EvaluateAsync<int>(Tokens);
        await page.UntilAsync($"{Tokens} > {before + 5} && document.querySelector('.facts').textContent.includes('tokens/s')");
        Assert.Equal(1, server.Server.Engine.Active);
        Assert.Equal("Hello?", await page.TextAsync(".question"));
        Assert.Equal("Stop", await page.TextAsync("#send"));
        await page.Page.ClickAsync("#send");
        await page.UntilWrittenAsync();
        for (var attempt = 0; attempt < 200 && server.Server.Engine.Active > 0; attempt++)
            await Task.Delay(10);
        Assert.Equal(0, server.Server.Engine.Active);
        Assert.Matches(@"^\d+ tokens · [\d.]+ tokens/s · first after [\d.]+ s · stopped$", await page.TextAsync(".facts"));
        Assert.InRange(await page.EvaluateAsync<int>(Tokens), before, 500_000);
        page.RequireQuiet();
    }

    /// <summary>What is sent is what the page shows: with its seed, the server gives the same text to whoever asks.</summary>
    [Fact]
    public async Task AConversationHasTheOptionsAndWhatWasSaidBefore()
    {
        await using var server = await TestServer.StartAsync(static options => options.HasPlayground = true);
        await using var page = await browser.OpenAsync(server);
        foreach (var (id, value) in new[] { ("max_tokens", "8"), ("seed", "7"), ("temperature", "1.3"), ("top_k", "9"), ("system", "S") })
            await page.SetAsync(id, value);
        await page.TypeAsync("a");
        await page.PressAsync("Enter");
        await page.UntilWrittenAsync();
        await page.TypeAsync("b");
        await page.PressAsync("Enter");
        await page.UntilAsync("document.querySelectorAll('.facts').length === 2");
        await page.UntilWrittenAsync();
        var shown = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.tokens')].map(text => text.textContent)");
        var first = await AskAsync("""{"role": "user", "content": "a"}""");
        Assert.Equal(first, shown[0]);
        var answer = System.Text.Json.JsonSerializer.Serialize(first);
        Assert.Equal(await AskAsync($$"""
            {"role": "user", "content": "a"}, {"role": "assistant", "content": {{answer}}}, {"role": "user", "content": "b"}
            """), shown[1]);
        page.RequireQuiet();

        async Task<string> AskAsync(string messages) => (string)(await server.AskAsync("/v1/chat/completions", $$"""
            {"messages": [{"role": "system", "content": "S"}, {{messages}}], "max_tokens": 8, "seed": 7, "temperature": 1.3, "top_k": 9}
            """))["choices"]![0]!["message"]!["content"]!;
    }

    [Fact]
    public async Task AlternativesAreThereForThePointerAndForTheKeys()
    {
        await using var server = await TestServer.StartAsync(static options => options.HasPlayground = true);
        await using var page = await browser.OpenAsync(server);
        await (await page.FindAsync("radio", "Completion")).ClickAsync();
        await (await page.FindAsync("checkbox", "Those of the prompt too")).ClickAsync();
        await page.SetAsync("n", "2");
        await page.SetAsync("max_tokens", "12");
        await page.SetAsync("seed", "5");
        await page.Page.FocusAsync("#prompt");
        await page.TypeAsync("ab");
        await (await page.FindAsync("button", "Send")).ClickAsync();
        await page.UntilWrittenAsync();
        var choices = (await server.AskAsync("/v1/completions", """
            {"prompt": "ab", "echo": true, "n": 2, "max_tokens": 12, "seed": 5, "temperature": 0.8, "logprobs": 5}
            """))["choices"]!.AsArray();
        var shown = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.tokens')].map(text => text.textContent)");
        Assert.Equal(choices.Select(static choice => (string?)choice!["text"]), shown);
        Assert.Equal(2, await page.EvaluateAsync<int>("document.querySelectorAll('.tokens:first-child .token.prompt').length"));

        // The second token has the probability after the first, by pointer and by keys.
        var probability = Math.Exp((double)choices[0]!["logprobs"]!["token_logprobs"]![1]!);
        await page.Page.HoverAsync(".token:nth-child(2)");
        await page.UntilAsync("!document.getElementById('alternatives-card').hidden");
        Assert.InRange(await page.EvaluateAsync<int>("document.querySelectorAll('#alternatives-card .alternative').length"), 5, 6);
        Assert.Equal(
            probability,
            await page.EvaluateAsync<double>("+document.querySelector('#alternatives-card .chosen i').style.getPropertyValue('--share')"), 1e-9);
        var card = await page.TextAsync("#alternatives-card");
        await page.Page.Mouse.MoveAsync(5, 5);
        await page.UntilAsync("document.getElementById('alternatives-card').hidden");

        await page.Page.FocusAsync(".tokens");
        await page.PressAsync("ArrowRight", 2);
        await page.UntilAsync("!document.getElementById('alternatives-card').hidden");
        Assert.Equal(card, await page.TextAsync("#alternatives-card"));
        Assert.StartsWith("b, ", await page.TextAsync("#status"));
        Assert.Contains("Instead: ", await page.TextAsync("#status"));
        await page.PressAsync("Escape");
        Assert.True(await page.EvaluateAsync<bool>("document.getElementById('alternatives-card').hidden"));
        page.RequireQuiet();
    }

    [Fact]
    public async Task AnErrorIsShownAndNothingThatWasTypedIsLost()
    {
        await using var server = await TestServer.StartAsync(static options => options.HasPlayground = true);
        await using var page = await browser.OpenAsync(server);
        await page.SetAsync("max_tokens", "63");
        await page.TypeAsync("too long");
        await page.PressAsync("Enter");
        await page.UntilAsync("!document.getElementById('problem').hidden");
        Assert.Contains("The model sees 64 tokens at once", await page.TextAsync("#problem"));
        Assert.Equal("alert", await page.EvaluateAsync<string>("document.getElementById('problem').role"));
        Assert.True(await page.EvaluateAsync<bool>("document.getElementById('problem').getBoundingClientRect().bottom < innerHeight"));
        Assert.Equal("too long", await page.EvaluateAsync<string>("document.getElementById('prompt').value"));
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('.question, .entry').length"));

        // What cannot be sent is said where it is.
        await page.SetAsync("max_tokens", "0");
        await page.PressAsync("Enter");
        Assert.Equal("max_tokens", await page.EvaluateAsync<string>("document.activeElement.id"));

        await page.SetAsync("max_tokens", "5");
        await page.Page.FocusAsync("#prompt");
        await page.PressAsync("Enter");
        await page.UntilWrittenAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.getElementById('problem').hidden"));
        await server.App.StopAsync(TestContext.Current.CancellationToken);
        await page.TypeAsync("anybody?");
        await page.PressAsync("Enter");
        await page.UntilAsync("!document.getElementById('problem').hidden");
        Assert.Contains("cannot be reached", await page.TextAsync("#problem"));
    }

    [Fact]
    public async Task AServerWithAKeyIsAskedWithIt()
    {
        await using var server = await TestServer.StartAsync(static options => (options.HasPlayground, options.ApiKey) = (true, "secret"));
        await using var page = await browser.OpenAsync(server);
        Assert.Equal("key", await page.EvaluateAsync<string>("document.activeElement.id"));
        await page.TypeAsync("wrong");
        await page.PressAsync("Enter");
        await page.UntilAsync("document.getElementById('problem').textContent.includes('missing or wrong')");
        await page.SetAsync("key", "secret");
        await (await page.FindAsync("button", "Use key")).ClickAsync();
        await page.UntilAsync("document.getElementById('key-form').hidden && document.activeElement.id === 'prompt'");
        await page.TypeAsync("a");
        await page.PressAsync("Enter");
        await page.UntilWrittenAsync();
        Assert.True(await page.EvaluateAsync<int>(Tokens) > 0);
        page.RequireQuiet();
    }
}
