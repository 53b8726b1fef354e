using System.Text.Json;
using Xunit;

namespace GptGen.AspNetCore.Tests.Playground;

/// <summary>The page for whoever has only keys, a small screen, a dark room, or does not see it.</summary>
[Collection(Browser.Collection)]
public sealed class PlaygroundAccessTests(Browser browser)
{
    private static readonly string[] Controls =
        ["textbox", "slider", "spinbutton", "checkbox", "radio", "radiogroup", "button", "group", "log", "complementary"];

    /// <summary>
    /// The contrast of the page's least visible texts with what is behind them (WCAG 2.2, 1.4.3), colors of tokens included: the canvas mixes what
    /// lies behind a text as the screen does.
    /// </summary>
    private const string LeastContrast = """
        (() => {
          const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const luminance = pixel => pixel.map(value => value / 255).map(value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4)
            .reduce((sum, value, index) => sum + value * [.2126, .7152, .0722][index], 0);
          const paint = colors => {
            for (const color of colors) { context.fillStyle = color; context.fillRect(0, 0, 1, 1); }
            return luminance([...context.getImageData(0, 0, 1, 1).data].slice(0, 3));
          };
          const contrast = element => {
            const behind = [];
            for (let at = element; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
            const [a, b] = [paint(behind), paint([...behind, getComputedStyle(element).color])].sort((x, y) => y - x);
            return (a + .05) / (b + .05);
          };
          document.querySelectorAll('.token').forEach((token, index) => token.style.setProperty('--surprise', index / 4));
          const texts = 'h1, #about, .modes span, .token > b, .facts, #hint, button, label, h2, output, .question';
          return Math.min(...[...document.querySelectorAll(texts)]
            .filter(element => element.offsetParent && !element.disabled).map(contrast));
        })()
        """;

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task TextsStandOutByDayAndByNight(string scheme)
    {
        await using var server = await TestServer.StartAsync(static options => options.HasPlayground = true);
        await using var page = await browser.OpenAsync(server);
        await page.Page.EmulateMediaFeaturesAsync([new() { MediaFeature = PuppeteerSharp.MediaFeature.PrefersColorScheme, Value = scheme }]);
        await page.SetAsync("max_tokens", "5");
        await page.SetAsync("seed", "1");
        await page.TypeAsync("a");
        await page.PressAsync("Enter");
        await page.UntilWrittenAsync();
        var paper = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        Assert.Equal(scheme == "dark" ? "rgb(19, 21, 28)" : "rgb(250, 250, 248)", paper);
        var least = await page.EvaluateAsync<double>(LeastContrast);
        Assert.True(least >= 4.5, $"A text has a contrast of {least:F2} only.");
        page.RequireQuiet();
    }

    [Fact]
    public async Task ANarrowScreenNeedsNoSidewaysScrolling()
    {
        await using var server = await TestServer.StartAsync(static options => options.HasPlayground = true);
        await using var page = await browser.OpenAsync(server);
        await page.Page.SetViewportAsync(new() { Width = 320, Height = 568 });
        await page.SetAsync("max_tokens", "40");
        await page.TypeAsync("a question without a space: " + new string('x', 60));
        await page.PressAsync("Enter");
        await page.UntilAsync("document.querySelector('.facts') || !document.getElementById('problem').hidden");
        await RequireFitAsync("#send");
        Assert.False(await IsSeenAsync("#temperature"));
        await (await page.FindAsync("button", "Options")).ClickAsync();
        Assert.True(await IsSeenAsync("#temperature"));
        await RequireFitAsync("#temperature");
        await (await page.FindAsync("radio", "Completion")).ClickAsync();
        await (await page.FindAsync("button", "Options")).ClickAsync();
        await RequireFitAsync("#send");
        page.RequireQuiet();

        Task<bool> IsSeenAsync(string selector) => page.EvaluateAsync<bool>($"document.querySelector('{selector}').checkVisibility()");

        async Task RequireFitAsync(string selector)
        {
            Assert.Equal(320, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            Assert.True(await page.EvaluateAsync<bool>($$"""
                (({ left, right, top, bottom }) => left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight)(
                  document.querySelector('{{selector}}').getBoundingClientRect())
                """));
        }
    }

    [Fact]
    public async Task EverythingIsReachedByKeys()
    {
        await using var server = await TestServer.StartAsync(static options => options.HasPlayground = true);
        await using var page = await browser.OpenAsync(server);
        Assert.Equal("prompt", await FocusAsync());
        await page.PressAsync("Tab", 2);
        Assert.Equal("send", await FocusAsync());
        await page.Page.Keyboard.DownAsync("Shift");
        for (var step = 0; step < 8 && await FocusAsync() != "chat"; step++)
            await page.PressAsync("Tab");
        Assert.Equal("chat", await FocusAsync());
        await page.PressAsync("Tab");
        await page.Page.Keyboard.UpAsync("Shift");
        await page.PressAsync("ArrowRight");
        Assert.Equal("completion", await page.EvaluateAsync<string>("document.body.dataset.mode"));

        // From the beginning of the page through all of it.
        var expected = await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('button, input, textarea, [tabindex]')]
              .filter(element => element.checkVisibility() && (element.type !== 'radio' || element.checked))
              .map(element => element.id || element.value)
            """);
        Assert.True(expected.Length > 18);
        List<string> reached = [];
        for (var step = 0; step < expected.Length; step++)
        {
            reached.Add(await page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.value"));
            await page.PressAsync("Tab");
        }

        Assert.Equal(expected, reached);
        await page.Page.FocusAsync("#prompt");
        await page.TypeAsync("ab");
        await page.Page.Keyboard.DownAsync("Control");
        await page.PressAsync("Enter");
        await page.Page.Keyboard.UpAsync("Control");
        await page.UntilWrittenAsync();
        await page.PressAsync("Tab", 0);
        await (await page.FindAsync("button", "Go on from here")).FocusAsync();
        await page.PressAsync("Enter");
        Assert.Equal("prompt", await FocusAsync());
        Assert.StartsWith("ab", await page.EvaluateAsync<string>("document.getElementById('prompt').value"));
        page.RequireQuiet();

        Task<string> FocusAsync() => page.EvaluateAsync<string>("document.activeElement.id");
    }

    [Fact]
    public async Task EveryControlHasANameForScreenReaders()
    {
        await using var server = await TestServer.StartAsync(static options => options.HasPlayground = true);
        await using var page = await browser.OpenAsync(server);
        await page.SetAsync("max_tokens", "5");
        await page.TypeAsync("a");
        await page.PressAsync("Enter");
        await page.UntilWrittenAsync();
        Assert.Contains("5 tokens", await page.TextAsync("#status"));
        await page.EvaluateAsync<bool>("document.getElementById('key-form').hidden = false");
        foreach (var mode in new[] { "Chat", "Completion" })
        {
            await (await page.FindAsync("radio", mode)).ClickAsync();
            // As the browser tells it to screen readers.
            var tree = await page.Page.Client.SendAsync("Accessibility.getFullAXTree");
            var controls = tree!.Value.GetProperty("nodes").EnumerateArray()
                .Where(static node => !node.GetProperty("ignored").GetBoolean() && Controls.Contains(Value(node, "role"))).ToList();
            Assert.True(controls.Count > 20, $"Only {controls.Count} controls were found.");
            Assert.All(
                controls, static node => Assert.False(string.IsNullOrWhiteSpace(Value(node, "name")), $"A {Value(node, "role")} has no name."));
        }

        Assert.Empty(await page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('[id]')].map(element => element.id).filter((id, index, all) => all.indexOf(id) !== index)"));
        page.RequireQuiet();

        static string? Value(JsonElement node, string property) =>
            node.TryGetProperty(property, out var value) ? value.GetProperty("value").GetString() : null;
    }
}
