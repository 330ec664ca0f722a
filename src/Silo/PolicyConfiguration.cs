using System.Collections.Immutable;
using Actors.Api.Hosting;
using Actors.Grains;
using Actors.Policy;

namespace Actors.Silo;

/// <summary>Turns the section <c>Policy</c> into the policy's numbers (<see cref="PolicyKeys"/>). Another key stops the start.</summary>
public static class PolicyConfiguration
{
    /// <summary>Not a number: whether the configured numbers replace those that the database has.</summary>
    private const string Adopt = "Adopt";

    /// <summary>Every key, with its section.</summary>
    public static IEnumerable<string> Keys => PolicyKeys.All.Select(key => "Policy:" + key.Name);

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="ConfigurationException">It is wrong.</exception>
    public static ConfiguredPolicy Read(IConfiguration configuration)
    {
        var (numbers, adopt) = (PolicyNumbers.Default, false);
        foreach (var group in configuration.GetSection("Policy").GetChildren())
        {
            foreach (var value in group.GetChildren())
            {
                numbers = Set(numbers, PolicyKeys.Find($"{group.Key}:{value.Key}") ?? throw Unknown(value), value);
            }

            if (group.Value is { } text)
            {
                adopt = !string.Equals(group.Key, Adopt, StringComparison.OrdinalIgnoreCase) ? throw Unknown(group)
                    : bool.TryParse(text, out var flag) ? flag
                    : throw new ConfigurationException($"{group.Path} is \"{text}\": write true or false.");
            }
        }

        return new ConfiguredPolicy(numbers, adopt);
    }

    private static PolicyNumbers Set(PolicyNumbers numbers, PolicyKey key, IConfigurationSection value)
    {
        var words = value.GetChildren().Select(child => child.Value ?? "").ToImmutableArray();
        try
        {
            return key.Set(numbers, value.Value is { } text && !key.IsList ? [text] : words);
        }
        catch (ArgumentException wrong)
        {
            throw new ConfigurationException(
                key.IsList && value.Value is not null
                    ? $"{value.Path} is \"{value.Value}\": write one key for each word, such as --{value.Path}:0 STOP."
                    : $"{value.Path} is \"{value.Value ?? string.Join(", ", words)}\": {wrong.Message.Split(" (Parameter")[0]}");
        }
    }

    private static ConfigurationException Unknown(IConfigurationSection section) =>
        new($"The configuration key {section.Path} is unknown; the keys of this section are {string.Join(", ", Keys)}.");
}
