using System.Collections.Immutable;
using Actors.Policy.Tests.Model;
using CsCheck;

namespace Actors.Policy.Tests;

public sealed class PolicyKeysTests
{
    [Fact]
    public void Nothing_differs_from_itself()
    {
        Assert.Empty(PolicyKeys.Differences(PolicyNumbers.Default));
        Assert.Same(PolicyNumbers.Default, PolicyKeys.Apply([]));
    }

    [Fact]
    public void Numbers_come_back_from_their_differences() => ModelTests.AnyNumbers.Sample(numbers =>
    {
        var differences = PolicyKeys.Differences(numbers);
        var back = PolicyKeys.Apply(differences);
        Assert.Equal(numbers.MarketingCap, back.MarketingCap);
        Assert.All(PolicyKeys.All, key => Assert.Equal(key.Read(numbers), key.Read(back)));
        Assert.All(differences, one => Assert.NotEqual(PolicyKeys.Find(one.Key)!.Read(PolicyNumbers.Default), one.Value));
    });

    [Fact]
    public void A_key_changes_its_own_number_and_no_other()
    {
        foreach (var key in PolicyKeys.All)
        {
            var standard = key.Read(PolicyNumbers.Default);
            ImmutableArray<string> other = key.IsList ? ["HALT", "QUIETO"]
                : standard[0] is "true" or "false" ? [standard[0] == "true" ? "false" : "true"]
                : standard[0].Contains(':', StringComparison.Ordinal) ? ["1.00:00:01", "00:59:59", "60.00:00:00"]
                : [.. Enumerable.Range(0, 100).Select(i => $"{i}")];
            var tried = (key.IsList ? [other] : other.Select(text => ImmutableArray.Create(text)))
                .FirstOrDefault(texts => key.WhyNot(texts) is null && !texts.SequenceEqual(standard));
            Assert.False(tried.IsDefault, $"{key.Name}: {key.Range}");
            var set = Assert.Single(PolicyKeys.Differences(key.Set(PolicyNumbers.Default, tried)));
            Assert.Equal((key.Name, string.Join('|', tried)), (set.Key, string.Join('|', set.Value)));
        }
    }

    [Theory]
    [InlineData("MarketingCap:PerDay", "a whole number from 0 to 32")]
    [InlineData("Window:Length", "whole milliseconds from 00:01:00 to 7.00:00:00")]
    [InlineData("Templates:AutoApprove", "true or false")]
    [InlineData("Consent:StopWords", "one or more words of 1 to 64 characters, a letter or digit among them")]
    public void A_key_knows_its_range(string name, string range) => Assert.Equal(range, PolicyKeys.Find(name)!.Range);

    [Fact]
    public void Every_key_has_a_range() => Assert.All(PolicyKeys.All, key => Assert.True(
        key.IsList || key.Range.Contains(" from ", StringComparison.Ordinal) || key.Range == "true or false", $"{key.Name}: {key.Range}"));

    [Theory]
    [InlineData("MarketingCap:PerDay", "0", null)]
    [InlineData("MarketingCap:PerDay", "32", null)]
    [InlineData("MarketingCap:PerDay", "33", "it must be a whole number from 0 to 32")]
    [InlineData("MarketingCap:PerDay", "-1", "it must be a whole number from 0 to 32: write a whole number.")]
    [InlineData("MarketingCap:PerDay", "two", "it must be a whole number from 0 to 32: write a whole number.")]
    [InlineData("Window:Length", "00:01:00", null)]
    [InlineData("Window:Length", "00:00:59.999", "it must be whole milliseconds from 00:01:00 to 7.00:00:00")]
    [InlineData("Window:Length", "7.00:00:00", null)]
    [InlineData("Window:Length", "7.00:00:00.001", "it must be whole milliseconds from 00:01:00 to 7.00:00:00")]
    [InlineData("Templates:AutoApprove", "yes", "it must be true or false: write true or false.")]
    public void A_value_outside_the_range_is_told(string name, string text, string? why) => Assert.Equal(why, PolicyKeys.Find(name)!.WhyNot([text]));

    [Fact]
    public void A_list_takes_words_and_a_number_takes_one_text()
    {
        Assert.NotNull(PolicyKeys.Find("MarketingCap:PerDay")!.WhyNot(["1", "2"]));
        Assert.NotNull(PolicyKeys.Find("MarketingCap:PerDay")!.WhyNot([]));
        Assert.NotNull(PolicyKeys.Find("Consent:StopWords")!.WhyNot([]));
        Assert.NotNull(PolicyKeys.Find("Consent:StopWords")!.WhyNot(["STOP", "!"]));
        Assert.Null(PolicyKeys.Find("Consent:StopWords")!.WhyNot(["STOP", "HALT"]));
    }

    [Fact]
    public void Names_are_found_whatever_their_case_and_unknown_ones_are_not()
    {
        Assert.Equal("MarketingCap:PerDay", PolicyKeys.Find("marketingcap:perday")!.Name);
        Assert.Null(PolicyKeys.Find("Policy:MarketingCap:PerDay"));
        Assert.Throws<ArgumentException>(() => PolicyKeys.Apply([new("MarketingCap:PerHour", ["1"])]));
    }
}
