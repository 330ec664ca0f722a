using System.Text.RegularExpressions;
using Actors.Policy.Businesses;
using Actors.Policy.Sends.Rules;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Policy.Tests.Sends;

/// <summary>The words of facts are the names in the code, in snake case: whoever reads one finds the other.</summary>
public sealed partial class WordsTests
{
    [Fact]
    public void Every_value_has_the_words_of_its_name()
    {
        Check<Category>(Words.Of);
        Check<ConsentStatus>(Words.Of);
        Check<MarketingStop>(Words.Of);
        Check<CapBasis>(Words.Of);
        Check<Restriction>(Words.Of);
        Check<QualityBand>(Words.Of);
        Check<TemplateStatus>(Words.Of);
    }

    private static void Check<T>(Func<T, string> words)
        where T : struct, Enum =>
        Assert.All(Enum.GetValues<T>(), value => Assert.Equal(Capital().Replace($"{value}", "_$0").TrimStart('_').ToLowerInvariant(), words(value)));

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
