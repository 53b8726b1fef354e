using PuppeteerSharp;
using Xunit;

namespace GptGen.AspNetCore.Tests.Playground;

/// <summary>The page in a browser, and what went wrong in it.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    /// <summary>An answer that is an error is logged by the browser itself; the page has to show it.</summary>
    private const string ErrorAnswer = "Failed to load resource: the server responded with a status of 4";

    private readonly List<string> faults = [];
    private readonly IBrowserContext context;

    private BrowserPage(IBrowserContext context, IPage page) => (this.context, Page) = (context, page);

    public IPage Page { get; }

    public static async Task<BrowserPage> OpenAsync(IBrowserContext context, Uri address)
    {
        var page = new BrowserPage(context, await context.NewPageAsync());
        page.Page.DefaultTimeout = 10_000;
        page.Page.Console += (_, told) => page.Note(
            told.Message.Type is ConsoleType.Error or ConsoleType.Warning && !told.Message.Text.StartsWith(ErrorAnswer), told.Message.Text);
        page.Page.PageError += (_, error) => page.Note(true, error.Message);
        page.Page.Request += (_, asked) => page.Note(!asked.Request.Url.StartsWith(address.AbsoluteUri), $"asked for {asked.Request.Url}");
        await page.Page.GoToAsync(address.AbsoluteUri, WaitUntilNavigation.Load);
        await page.UntilAsync("document.title !== 'GptGen playground' || !document.getElementById('problem').hidden");
        return page;
    }

    /// <summary>Holds that no script failed, nothing was blocked, and nobody else was asked.</summary>
    public void RequireQuiet()
    {
        lock (faults)
            Assert.Empty(faults);
    }

    public Task<T> EvaluateAsync<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    public async Task UntilAsync(string expression)
    {
        try
        {
            await Page.WaitForExpressionAsync(expression);
        }
        catch (WaitTaskTimeoutException)
        {
            Assert.Fail($"It never was so: {expression}. The page says: {await EvaluateAsync<string>("document.body.innerText.slice(-500)")}");
        }
    }

    public Task<string> TextAsync(string selector) => EvaluateAsync<string>($"document.querySelector('{selector}').textContent");

    /// <summary>An element by its role and accessible name, as a screen reader finds it.</summary>
    public async Task<IElementHandle> FindAsync(string role, string name) =>
        await Page.QuerySelectorAsync($"aria/{name}[role=\"{role}\"]") ?? throw new InvalidOperationException($"There is no {role} '{name}'.");

    public async Task PressAsync(string key, int times = 1)
    {
        for (var time = 0; time < times; time++)
            await Page.Keyboard.PressAsync(key);
    }

    public Task TypeAsync(string text) => Page.Keyboard.TypeAsync(text);

    /// <summary>Sets an option.</summary>
    public Task SetAsync(string id, string value) => Page.EvaluateExpressionAsync($"document.getElementById('{id}').value = '{value}'");

    /// <summary>Waits until nothing is written any more.</summary>
    public Task UntilWrittenAsync() => UntilAsync("document.getElementById('send').textContent === 'Send' && document.querySelector('.facts')");

    public async ValueTask DisposeAsync() => await context.CloseAsync();

    private void Note(bool isFault, string text)
    {
        if (!isFault)
            return;
        lock (faults)
            faults.Add(text);
    }
}
