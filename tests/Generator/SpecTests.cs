using GptGen.Generator.Architectures;
using GptGen.Generator.Spec;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>The generator cannot reference the runtime, so what it says about the runtime's attributes is held to them here.</summary>
public class SpecTests
{
    [Fact]
    public void Attribute_names_are_the_runtimes() => Assert.Equal(
        typeof(TransformerAttribute).Assembly.GetTypes().Where(type => !type.IsAbstract && typeof(TransformerAttribute).IsAssignableFrom(type))
            .Select(type => type.FullName!).Order(StringComparer.Ordinal),
        Architecture.ByAttribute.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(typeof(BertAttribute))]
    [InlineData(typeof(Gpt1Attribute))]
    [InlineData(typeof(Gpt2Attribute))]
    [InlineData(typeof(Seq2SeqAttribute))]
    [InlineData(typeof(TransformerXLAttribute))]
    public void Defaults_are_the_attributes(Type family)
    {
        var attribute = (TransformerAttribute)Activator.CreateInstance(family)!;
        var model = Parse("", family.Name.Replace("Attribute", ""));
        foreach (var property in typeof(TransformerAttribute).GetProperties()
            .Where(property => property.DeclaringType == typeof(TransformerAttribute)))
        {
            var expected = property.Name == nameof(TransformerAttribute.HiddenWidth) ? 4 * attribute.Width : property.GetValue(attribute);
            var actual = typeof(ModelSpec).GetProperty(property.Name)?.GetValue(model);
            Assert.True(actual is not null, $"ModelSpec lacks {property.Name}");
            Assert.Equal(expected!.ToString(), actual.ToString());
        }
    }

    [Fact]
    public void Enumerations_are_the_runtimes()
    {
        Assert.Equal(Members<Activation>(), Members<ActivationKind>());
        Assert.Equal(Members<LayerNormPlacement>(), Members<NormPlacement>());
    }

    [Fact]
    public void Equal_sources_give_equal_models()
    {
        const string Arguments = "Width = 96, Epsilon = 1e-6f, TiedHead = false";
        Assert.Equal(Parse(Arguments), Parse(Arguments));
        Assert.Equal(Parse(Arguments).GetHashCode(), Parse(Arguments).GetHashCode());
        Assert.NotEqual(Parse(Arguments), Parse("Width = 96, Epsilon = 1e-6f"));
    }

    private static ModelSpec Parse(string arguments, string family = "Gpt2") => GeneratorHarness.Spec(arguments, family);

    private static IEnumerable<string> Members<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(value => $"{value} = {Convert.ToInt32(value)}");
}
