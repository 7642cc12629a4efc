"""Goals as people write them, and what each says. Today is 21 November 2026, at home in USD.

A line: text | kind | amount | currency | months | codes of the questions. Empty means not said.
"""

from __future__ import annotations

PHRASES = """
Save $50k for a house in 3 years | major_purchase | 50000 | USD | 36 |
Save $50,000 for a house in 3 years | major_purchase | 50000 | USD | 36 |
save 50k for a down payment in three years | major_purchase | 50000 | USD | 36 |
I want to buy a house in 5 years and need $80,000 | major_purchase | 80000 | USD | 60 |
House deposit of 90,000 by June 2028 | major_purchase | 90000 | USD | 19 |
Save for a house | major_purchase | | USD | | amount when
save $20k for a $400k house in 5 years | major_purchase | 20000 | USD | 60 |
buy a $400k house with 20% down in 4 years | major_purchase | | USD | 48 | share
$15k car in 18 months | major_purchase | 15000 | USD | 18 |
New car, 25 000 euros, within two years | major_purchase | 25000 | EUR | 24 |
save £3,500 for a new kitchen by next summer | major_purchase | 3500 | GBP | 7 |
a boat for 2 million kroner in ten years | major_purchase | 2000000 | NOK | 120 |
wedding next summer, $30,000 | major_purchase | 30000 | USD | 7 |
an iPhone 17 for $1,200 in 4 months | major_purchase | 1200 | USD | 4 |
save US$ 2,500 for a laptop in 4 months | major_purchase | 2500 | USD | 4 |
save A$10,000 for a car in a year | major_purchase | 10000 | AUD | 12 |
renovate the bathroom for 12000 by March 2027 | major_purchase | 12000 | USD | 4 |
put aside 18 000 for a motorbike before May 2027 | major_purchase | 18000 | USD | 5 |
ring for 4k in half a year | major_purchase | 4000 | USD | 6 |
a cabin in the mountains, 1.5m NOK, in eight years | major_purchase | 1500000 | NOK | 96 |
a holiday home for €250.000 in 15 years | major_purchase | 250000 | EUR | 180 |
retirement home, 400k, in twenty years | major_purchase | 400000 | USD | 240 |
save 1000000 yen in 24 months for a camera | major_purchase | 1000000 | JPY | 24 |
save ¥1,000,000 in 2 years | custom | 1000000 | JPY | 24 |
save 0.5 BTC in 2 years | investment | 0.5 | BTC | 24 |
save 1.5m by retirement | retirement | 1500000 | USD | | born
Retire at 62 with $2m | retirement | 2000000 | USD | | born
retire by 55 with 1.2 million | retirement | 1200000 | USD | | born
retire in 25 years with $1.5M | retirement | 1500000 | USD | 300 |
I want two million dollars for retirement in 30 years | retirement | 2000000 | USD | 360 |
max out my 401k in 10 years | retirement | | USD | 120 | amount
roll over my 401(k) and have $900k in 12 years | retirement | 900000 | USD | 144 |
put 60,000 into a Roth IRA over 8 years | retirement | 60000 | USD | 96 |
stop working in 15 years with 1,250,000 | retirement | 1250000 | USD | 180 |
financial independence: $1m in 18 years | retirement | 1000000 | USD | 216 |
retire | retirement | | USD | | amount when
retire when I'm 60 with 800k | retirement | 800000 | USD | | born
pension pot of £500,000 by 2045 | retirement | 500000 | GBP | 217 |
emergency fund of $10,000 in a year | emergency_fund | 10000 | USD | 12 |
emergency fund of 6 months of expenses | emergency_fund | | USD | | reserve when
build a 6-month emergency fund | emergency_fund | | USD | | reserve when
three months' salary as a safety net in 2 years | emergency_fund | | USD | 24 | reserve
rainy day fund 5k by Christmas | emergency_fund | 5000 | USD | 1 |
a buffer of 3000 within 10 months | emergency_fund | 3000 | USD | 10 |
cash cushion: 8.000 € in 14 months | emergency_fund | 8000 | EUR | 14 |
six months of living expenses, $18,000, in two years | emergency_fund | 18000 | USD | 24 |
save $2,000 for unexpected costs by the end of the year | emergency_fund | 2000 | USD | 1 |
pay off my $8,000 credit card in 18 months | debt_payoff | 8000 | USD | 18 |
pay off my credit card | debt_payoff | | USD | | debt when
pay off $35k of student loans in 5 years | debt_payoff | 35000 | USD | 60 |
pay down the mortgage by 50 000 in 4 years | debt_payoff | 50000 | USD | 48 |
be debt free by 2030 | debt_payoff | | USD | 37 | debt
get out of debt: 12,400 in 30 months | debt_payoff | 12400 | USD | 30 |
clear the £2,300 on my card in 9 months, get rid of debt | debt_payoff | 2300 | GBP | 9 |
payoff 7500 car loan within 2 years | debt_payoff | 7500 | USD | 24 |
repay my 5-year loan of $9,000 in 3 years | debt_payoff | 9000 | USD | 36 |
get rid of my student loan, 40k, in ten years | debt_payoff | 40000 | USD | 120 |
a trip to Japan for $6,000 in 10 months | travel | 6000 | USD | 10 |
a vacation costing 6 grand in ten months | travel | 6000 | USD | 10 |
15.000,50 € for a trip next summer | travel | 15000.50 | EUR | 7 |
honeymoon: 9k by September 2027 | travel | 9000 | USD | 10 |
travel around the world in 2 years with 40 000 | travel | 40000 | USD | 24 |
road trip in a camper van, $4,500, next spring | travel | 4500 | USD | 4 |
a cruise for two in 2 years, 7,200 dollars | travel | 7200 | USD | 24 |
ski holiday by February, 1.800 € | travel | 1800 | EUR | 3 |
backpacking in Asia: 5 000 by the end of next year | travel | 5000 | USD | 13 |
save 3000 CHF for a vacation in 6 months | travel | 3000 | CHF | 6 |
visit grandma, $900, next month | travel | 900 | USD | 1 |
college fund of $120k in 13 years for my 5-year-old | education | 120000 | USD | 156 |
my 5-year-old daughter's college, $120k in 13 years | education | 120000 | USD | 156 |
fifty thousand dollars for college before I turn 60 | education | 50000 | USD | | born
tuition: 24,000 by August 2027 | education | 24000 | USD | 9 |
an MBA in 4 years, 90k | education | 90000 | USD | 48 |
master's degree, €18.000, in 30 months | education | 18000 | EUR | 30 |
529 plan with 60,000 in ten years | education | 60000 | USD | 120 |
university for my son before he turns 18, 80k | education | 80000 | USD | | whose_age
a coding bootcamp for $12,500 in 8 months | education | 12500 | USD | 8 |
invest $100k in index funds over the next 10 years | investment | 100000 | USD | 120 |
grow my portfolio to 250k in seven years | investment | 250000 | USD | 84 |
buy bitcoin for 5000 dollars in a year | investment | 5000 | USD | 12 |
put £20,000 into stocks and shares by April 2028 | investment | 20000 | GBP | 17 |
invest half a million by 2040 | investment | 500000 | USD | 157 |
$500 a month for 2 years | custom | | USD | 24 | amount
save 500 per month for a car | major_purchase | | USD | | amount when
save 10k in 2 years putting away 400/month | custom | 10000 | USD | 24 |
I earn $80k and want to save $30k in 2 years | custom | 30000 | USD | 24 |
I have $5k already, need $20k by June | custom | 20000 | USD | 7 |
I make 3,000 a month and want to save 9,000 by 2028 | custom | 9000 | USD | 13 |
save $40k-50k in 3 years | custom | | USD | 36 | range
between 40k and 50k by 2030 | custom | | USD | 37 | range
40 to 50 thousand dollars in 3 years | custom | | USD | 36 | range
$20k for a car and $30k for a wedding in 3 years | major_purchase | | USD | 36 | two_amounts
save 10k in 2 or 3 years | custom | 10000 | USD | | when
save 10k in 3-4 years | custom | 10000 | USD | | when
save 10k in 2 years or by 2035 | custom | 10000 | USD | | two_times
run a 10k race | custom | | USD | | amount when
save 5000 for a 10k race in 6 months | custom | 5000 | USD | 6 |
refinance my 30-year mortgage | custom | | USD | | amount when
save $0 in 3 years | custom | | USD | 36 | not_positive
save -500 in 2 years | custom | | USD | 24 | not_positive
save $10k by 01/02/2028 | custom | 10000 | USD | | date
save $10k by 25/02/2028 | custom | 10000 | USD | 15 |
save $10k by 2028-05-01 | custom | 10000 | USD | 17 |
save $10k by 2028-02-31 | custom | 10000 | USD | | date
save $10k by 1 May 2028 | custom | 10000 | USD | 17 |
save $10k by May 1st, 2028 | custom | 10000 | USD | 17 |
save $10k by June 2020 | custom | 10000 | USD | | past
save $10k by 2025 | custom | 10000 | USD | | past
save $10k in 90 years | custom | 10000 | USD | | too_far
save $10k in 0 years | custom | 10000 | USD | | no_time
$15k in 90 days | custom | 15000 | USD | 3 |
$15k in 10 weeks | custom | 15000 | USD | 2 |
in a year and a half save 9000 | custom | 9000 | USD | 18 |
save 9000 in 1.5 years | custom | 9000 | USD | 18 |
save 9000 in 1 year and 6 months | custom | 9000 | USD | 18 |
save 9000 in 18mo | custom | 9000 | USD | 18 |
save 9000 in eighteen months | custom | 9000 | USD | 18 |
save 9000 within the next 18 months | custom | 9000 | USD | 18 |
9000 over one and a half years | custom | 9000 | USD | 18 |
save two hundred and fifty thousand over the next decade | custom | 250000 | USD | 120 |
save twenty-five thousand dollars by the end of 2028 | custom | 25000 | USD | 25 |
save a hundred thousand in six years | custom | 100000 | USD | 72 |
I want a million dollars | custom | 1000000 | USD | | when
I'd like one point two | custom | | USD | | amount when
12,345.67 dollars by mid-2028 | custom | 12345.67 | USD | 20 |
1 234,56 € by Q3 | custom | 1234.56 | EUR | | when
1.234,56 EUR in 5 months | custom | 1234.56 | EUR | 5 |
EUR 1'234.50 in 5 months | custom | 1234.50 | EUR | 5 |
save 3,000 euros by christmas | custom | 3000 | EUR | 1 |
save 500 bucks by new year | custom | 500 | USD | 1 |
save 750 quid by easter | custom | 750 | GBP | 4 |
save 75 dollars in 2 months | custom | 75 | USD | 2 |
by the end of next year save £12,000 | custom | 12000 | GBP | 13 |
save $9k next year | custom | 9000 | USD | | when_next_year
save $9k this year | custom | 9000 | USD | | when_year
save $9k by next summer | custom | 9000 | USD | 7 |
save $9k by next winter | custom | 9000 | USD | 13 |
save $9k by autumn 2028 | custom | 9000 | USD | 22 |
Save 30000 for my 40th birthday | custom | 30000 | USD | | born
save 30000 before I'm 40 | custom | 30000 | USD | | born
1e9 dollars in 2 years | custom | | USD | 24 | amount
save 99999999999999 dollars in 2 years | custom | | USD | 24 | too_much
save 1.5 million in 10 years | custom | 1500000 | USD | 120 |
save $1.500m in 10 years | custom | 1500000 | USD | 120 |
save $2bn in 10 years | custom | 2000000000 | USD | 120 |
save 30% of my income | custom | | USD | | share when
asdf | custom | | USD | | amount when
🏖 3000 in 6 months | custom | 3000 | USD | 6 |
the last 2 years I saved 8,000; now 20,000 in 3 years | custom | | USD | 36 | two_amounts
spare 15 000 kr til ferie innen juni 2028 | travel | 15000 | NOK | 19 |
jeg vil spare 50 000 kr til egenkapital om 3 år | major_purchase | 50000 | NOK | 36 |
jeg vil spare en halv million til egenkapital om 5 år | major_purchase | 500000 | USD | 60 |
halvannen million kroner til bolig om halvannet år | major_purchase | 1500000 | NOK | 18 |
spare 2 mill. kr til hytte innen 2032 | major_purchase | 2000000 | NOK | 61 |
3 mnok til bolig i 2030 | major_purchase | 3000000 | NOK | | when_year
20 000 til ny elsykkel i løpet av et halvt år | major_purchase | 20000 | USD | 6 |
bryllup neste sommer 150.000,- | major_purchase | 150000 | NOK | 7 |
bil til 180 000,- innen to år | major_purchase | 180000 | NOK | 24 |
femtitusen kroner til oppussing på ett år | major_purchase | 50000 | NOK | 12 |
spare femti tusen kroner på ett år | custom | 50000 | NOK | 12 |
spare tre hundre tusen kroner på fire år | custom | 300000 | NOK | 48 |
spare hundreogfemti tusen til båt på tre år | major_purchase | 150000 | USD | 36 |
ny leilighet, 400.000 kr, til sommeren 2029 | major_purchase | 400000 | NOK | 31 |
kjøpe tomt for 1,2 millioner om seks år | major_purchase | 1200000 | USD | 72 |
elbil: 250k NOK om 30 måneder | major_purchase | 250000 | NOK | 30 |
betale ned studielånet på 350 000 kr på 8 år | debt_payoff | 350000 | NOK | 96 |
jeg vil bli gjeldfri | debt_payoff | | USD | | debt when
nedbetale 80 000 kr i kredittkortgjeld innen 2028 | debt_payoff | 80000 | NOK | 13 |
kvitt forbrukslånet på 45 000 kroner på 20 måneder | debt_payoff | 45000 | NOK | 20 |
betale lånet på 1 million kroner på 12 år | debt_payoff | 1000000 | NOK | 144 |
bufferkonto på 50 000 kr før jul | emergency_fund | 50000 | NOK | 1 |
buffer på 3 måneders utgifter | emergency_fund | | USD | | reserve when
nødfond: 60 000 kroner innen 1. juni 2027 | emergency_fund | 60000 | NOK | 6 |
penger til uforutsette utgifter, 20 000 kr, om 10 mnd | emergency_fund | 20000 | NOK | 10 |
pensjonere meg når jeg er 62 med 5 millioner | retirement | 5000000 | USD | | born
10 millioner kroner til pensjon om 25 år | retirement | 10000000 | NOK | 300 |
slutte å jobbe om 20 år med 8 mill kr | retirement | 8000000 | NOK | 240 |
økonomisk uavhengig i 2045 med 12 millioner kroner | retirement | 12000000 | NOK | | when_year
før jeg fyller 60 vil jeg ha 3 millioner kroner | custom | 3000000 | NOK | | born
60-årsdagen min: 100 000 kr | custom | 100000 | NOK | | born
bryllupsreise til Bali, 60 000 kr, neste vår | travel | 60000 | NOK | 4 |
tur til Japan om ti måneder for 45 000 kroner | travel | 45000 | NOK | 10 |
jorda rundt om 5 år: 300 000 kr | travel | 300000 | NOK | 60 |
sydentur til påske, 18 000 kr | travel | 18000 | NOK | 4 |
ferie i Italia til høsten, 25 000 kr | travel | 25000 | NOK | 10 |
studere i utlandet om to år, 200 000 kr | education | 200000 | NOK | 24 |
utdanning for barna, 500 000 kr om 15 år | education | 500000 | NOK | 180 |
folkehøgskole neste høst, 130.000 kr | education | 130000 | NOK | 10 |
investere 100 000 kr i indeksfond på 5 år | investment | 100000 | NOK | 60 |
aksjer for 1 million kr innen 2035 | investment | 1000000 | NOK | 97 |
spare 2 000 kr i måneden i 3 år | custom | | NOK | 36 | amount
spare 2000 kr hver måned til bil | major_purchase | | NOK | | amount when
spare mellom 50 000 og 80 000 kr innen 2029 | custom | | NOK | 25 | range
tusen kroner om 2 uker | custom | 1000 | NOK | 1 |
jeg tjener 600 000 kr og vil spare 90 000 kr på 2 år | custom | 90000 | NOK | 24 |
jeg har allerede 20 000 kr, trenger 70 000 kr om 14 måneder | custom | 70000 | NOK | 14 |
kr 25 000 innen utgangen av 2027 | custom | 25000 | NOK | 13 |
25 000 norske kroner innen 15.06.2027 | custom | 25000 | NOK | 6 |
SEK 40 000 om ett år | custom | 40000 | SEK | 12 |
40 000 danske kroner om ett år | custom | 40000 | DKK | 12 |
"""
