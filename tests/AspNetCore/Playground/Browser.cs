using PuppeteerSharp;
using Xunit;

namespace GptGen.AspNetCore.Tests.Playground;

/// <summary>The machine's own Chromium, for all tests of the page; without one they are skipped.</summary>
public sealed class Browser : IAsyncLifetime
{
    public const string Collection = "Browser";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        if (Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists) is not { } path)
            return;
        browser = await Puppeteer.LaunchAsync(new()
        {
            ExecutablePath = path,
            DefaultViewport = new() { Width = 1180, Height = 760 },
            // The page is our own; a sandbox cannot be had by root or in many containers.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
    }

    /// <summary>A page of a server's, ready to be used.</summary>
    internal async Task<BrowserPage> OpenAsync(TestServer server)
    {
        Assert.SkipUnless(browser is not null, $"There is no browser here: none of {string.Join(", ", Names)} is on the path.");
        // Pages of one context would share what they store.
        var context = await browser.CreateBrowserContextAsync();
        return await BrowserPage.OpenAsync(context, server.Address);
    }
}

/// <summary>By itself: other tests measure the memory of the process.</summary>
[CollectionDefinition(Browser.Collection, DisableParallelization = true)]
public sealed class BrowserCollection : ICollectionFixture<Browser>;
