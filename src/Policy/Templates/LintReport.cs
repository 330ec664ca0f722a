using System.Collections.Immutable;

namespace Actors.Policy.Templates;

/// <summary>Gathers what the linter finds.</summary>
internal sealed class LintReport
{
    private readonly ImmutableArray<LintFinding>.Builder _findings = ImmutableArray.CreateBuilder<LintFinding>();

    public void Refuse(int subcode, string field, string message) => _findings.Add(new LintFinding(subcode, field, message, Refuses: true));

    public void Remark(string field, string message) => _findings.Add(new LintFinding(0, field, message, Refuses: false));

    /// <summary>Refuses a text that is too long.</summary>
    public void Length(string text, int max, string field)
    {
        var length = TextLength.Of(text);
        if (length > max)
        {
            Refuse(TemplateLint.TooLong, field, $"has {length} characters, at most {max} are allowed");
        }
    }

    public ImmutableArray<LintFinding> ToImmutable() => _findings.ToImmutable();
}
