"""Goals that were once read with full confidence as something that nobody had said.

Today is 21 November 2026, at home in USD. A line: text | kind | amount | currency | months | codes
of the questions. Empty means not said.
"""

from __future__ import annotations

ASKED = """
femogtredve tusen kroner på to år | custom | 35000 | NOK | 24 |
spare femogtyve tusen på 2 år | custom | 25000 | USD | 24 |
toogtredve tusen til bil på 2 år | major_purchase | 32000 | USD | 24 |
syvogtyve tusen kroner innen jul | custom | 27000 | NOK | 1 |
åtteogførti tusen om 3 år | custom | 48000 | USD | 36 |
treogførr tusen om 2 år | custom | 43000 | USD | 24 |
enogtyve tusen om 2 år | custom | 21000 | USD | 24 |
niogtredive tusen kroner på fireogtyve måneder | custom | 39000 | NOK | 24 |
hundreogfemogtyve tusen kroner om 3 år | custom | 125000 | NOK | 36 |
toogtredvetusen kr om 2 år | custom | 32000 | NOK | 24 |
fem hundre og syvogtyve tusen kr om 2 år | custom | 527000 | NOK | 24 |
tusenogfemogtyve kroner om 2 år | custom | 1025 | NOK | 24 |
syv-og-tyve tusen om 2 år | custom | 27000 | USD | 24 |
tjueto tusen om tjueto måneder | custom | 22000 | USD | 22 |
femm tusen kroner om 2 år | custom | | NOK | 24 | unread
umpteen thousand dollars in 2 years | custom | | USD | 24 | unread
five hundred odd thousand in 2 years | custom | | USD | 24 | unread
jeg tjener femm tusen i måneden, spare 20 000 på 2 år | custom | 20000 | USD | 24 |
spare umpteen tusen i måneden, 20 000 på 2 år | custom | 20000 | USD | 24 | monthly
spare tusen kroner på et år | custom | 1000 | NOK | 12 |
en bil verdt hundre tusen om 2 år | major_purchase | 100000 | USD | 24 |
save 5k in 2027 | custom | 5000 | USD | | when_year
spare 50 000 i 2027 | custom | 50000 | USD | | when_year
5k over the course of 2027 | custom | 5000 | USD | | when_year
5k i løpet av 2027 | custom | 5000 | USD | | when_year
5k in the year 2028 | custom | 5000 | USD | | when_year
spare 5k i år | custom | 5000 | USD | | when_year
5k by Thanksgiving 2027 | custom | 5000 | USD | | when_year
5k by labor day 2028 | custom | 5000 | USD | | when_year
save 500 a month from 2027, 20k | custom | 20000 | USD | | when
5k by june in 2028 | custom | 5000 | USD | 19 |
5k by december next year | custom | 5000 | USD | 13 |
5k by june this year | custom | 5000 | USD | | past
5k to christmas next year | custom | 5000 | USD | 13 |
20 000 til bil før jul i år | major_purchase | 20000 | USD | 1 |
I have 20k saved and need 10k more in 2 years | custom | | USD | 24 | on_top
har 20 000, trenger 10 000 til innen juni 2028 | custom | | USD | 19 | on_top
save another 10 000 in 2 years | custom | | USD | 24 | on_top
spare 50 000 til i tillegg på 2 år | custom | | USD | 24 | on_top
20 000 kr til på 2 år | custom | | NOK | 24 | on_top
need an additional €4,000 in a year | custom | | EUR | 12 | on_top
10 000 kroner ekstra til ferie på 1 år | travel | | NOK | 12 | on_top
spare 50 000 til bil på 2 år | major_purchase | 50000 | USD | 24 |
spare 50 000 til juni 2028 | custom | 50000 | USD | 19 |
spare 50 000 til og med juni 2028 | custom | 50000 | USD | 19 |
10 000 til neste sommer | custom | 10000 | USD | 7 |
save 10k or more in 2 years | custom | 10000 | USD | 24 |
of course I want 5k in 2 years | custom | 5000 | USD | 24 |
5k over the course of 2 years | custom | 5000 | USD | 24 |
5k for a cooking course in 2 years | education | 5000 | USD | 24 |
emergency trip 3000 in 2 years | travel | 3000 | USD | 24 |
emergency dental surgery 3000 in 2 years | custom | 3000 | USD | 24 |
study desk 3000 in a year | major_purchase | 3000 | USD | 12 |
study in Oslo 30000 in a year | education | 30000 | USD | 12 |
bli gjeldsfri innen 2029 | debt_payoff | | USD | 25 | debt
mortgage paid off in 10 years, 200k | debt_payoff | 200000 | USD | 120 |
my $30k student loan gone in 4 years | debt_payoff | 30000 | USD | 48 |
kredittkortgjeld på kr 35 000 betales ned på 1 år | debt_payoff | 35000 | NOK | 12 |
studielånet skal være betalt om 5 år, 200 000 kr | debt_payoff | 200000 | NOK | 60 |
save for a mortgage down payment 50k in 3 years | major_purchase | 50000 | USD | 36 |
egenkapital til huslån 300 000 om 3 år | major_purchase | 300000 | USD | 36 |
5k by 30 november | custom | 5000 | USD | | no_time
5k in early 2028 | custom | 5000 | USD | 13 |
5k before June 2028 | custom | 5000 | USD | 18 |
innen starten av juni 2028 5k | custom | 5000 | USD | 18 |
5k by 2026 | custom | 5000 | USD | | when_year
5k ved utgangen av 2027 | custom | 5000 | USD | 13 |
spare totalt hundre tusen på 2 år | custom | 100000 | USD | 24 |
jeg har 20 000, mangler 10 000 innen juni 2028 | custom | | USD | 19 | on_top
be mortgage-free in 10 years, 200k | debt_payoff | 200000 | USD | 120 |
bli lånefri på 10 år, 200 000 kr | debt_payoff | 200000 | NOK | 120 |
lån på 20 000 betalt ned innen 1 år | debt_payoff | 20000 | USD | 12 |
main course for 500 in 2 years | custom | 500 | USD | 24 |
5k before 2028 | custom | 5000 | USD | 13 |
"""
